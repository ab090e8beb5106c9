"""Findings of lint for people: place, fault, the line itself, what to do; and why it matters, once a check.

The first line of each has the form that editors and compilers agree on, `file:line:column: error: what`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from reconciler.kit.printable import printable
from reconciler.lint.check import Severity
from reconciler.lint.finding import Finding
from reconciler.report.lint import LintReport, summary
from reconciler.report.style import Style, Tone
from reconciler.report.text.diagnostics import quoted, split
from reconciler.report.text.heads import accounts
from reconciler.report.text.prose import labelled

_LIMIT = 2_000
_MOST_UNREAD = 10
_NO_SOURCES: Mapping[str, str] = MappingProxyType({})
_TONES = MappingProxyType({Severity.ERROR: Tone.ALARM, Severity.WARNING: Tone.CHANGED, Severity.NOTE: Tone.LINKED})


def render(report: LintReport, style: Style, *, sources: Mapping[str, str] = _NO_SOURCES) -> str:
    """The findings that count, and one line that sums up; `sources` has the text of files, to quote the lines."""
    lines = split(sources)
    explained: set[str] = set()
    blocks = [list(accounts(report.accounts, style))] if report.accounts else []
    for finding in report.counting:
        quote = lines.get(finding.position.file, ()) if finding.position else ()
        blocks.append(list(_finding(finding, style, quote, explain=finding.check.id not in explained)))
        explained.add(finding.check.id)
    blocks.append([style.paint(Tone.BOLD, summary(report)), *_unread(report, style)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _finding(finding: Finding, style: Style, lines: Sequence[str], *, explain: bool) -> Iterator[str]:
    tone, position = _TONES[finding.severity], finding.position
    place = f"{printable(position.file)}:{position.line}:{position.column}:" if position else ""
    severity = style.paint(tone, f"{finding.severity}:")
    name = style.paint(Tone.DIM, f"[{finding.check.id} {finding.check.name}]")
    told = printable(f"{finding.resource}: {finding.what}", limit=_LIMIT)
    yield " ".join([*([style.paint(Tone.BOLD, place)] if place else []), severity, told, name])
    if position:
        yield from quoted(position, lines, style, tone)
    if explain:
        yield from labelled("why", finding.check.why, style)
    yield from labelled("fix", finding.fix, style)


def _unread(report: LintReport, style: Style) -> Iterator[str]:
    shown = list(report.unread.items())
    for key, why in shown[:_MOST_UNREAD]:
        yield style.paint(Tone.CHANGED, f"not looked at: {printable(key)}: {printable(why)}")
    if len(shown) > _MOST_UNREAD:
        yield style.paint(Tone.CHANGED, f"and {len(shown) - _MOST_UNREAD} more that could not be looked at")
