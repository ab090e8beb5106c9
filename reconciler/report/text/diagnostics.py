"""What is wrong with the input, for people: place, fault, the line itself with a caret, why, and what to do.

The first line of each has the form that editors and compilers agree on, `file:line:column: error: what`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from reconciler.kit.diagnostics import Diagnostic, Position, Severity
from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable
from reconciler.report.style import Style, Tone
from reconciler.report.text.columns import columns
from reconciler.report.text.prose import labelled

_PROSE_LIMIT = 2_000
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What PyYAML counts as the end of a line, so that its positions and these lines agree."""
_NO_SOURCES: Mapping[str, str] = MappingProxyType({})
_TONES = MappingProxyType({Severity.ERROR: Tone.ALARM, Severity.WARNING: Tone.CHANGED})


def split(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """The lines of each text."""
    return {file: _LINE_BREAK.split(text) for file, text in sources.items()}


def render(diagnostics: Iterable[Diagnostic], style: Style, *, sources: Mapping[str, str] = _NO_SOURCES) -> str:
    """Every diagnostic, in the order given, separated by empty lines; empty when there is none.

    `sources` has the text of files by their name in the positions; of a file that is not there no line is quoted.
    """
    lines = split(sources)
    return "\n".join(_one(diagnostic, style, lines.get(diagnostic.position.file, ())) for diagnostic in diagnostics)


def render_error(error: KmsctlError, style: Style) -> str:
    """An error that has no place in a file: `error: what`, why, and what to do."""
    head = f"{style.paint(Tone.ALARM, 'error:')} {printable(error.what, limit=_PROSE_LIMIT)}"
    return "\n".join([head, *_explanation(error.why, error.fix, style)]) + "\n"


def _one(diagnostic: Diagnostic, style: Style, lines: Sequence[str]) -> str:
    place = f"{printable(diagnostic.position.file)}:{diagnostic.position.line}:{diagnostic.position.column}:"
    severity = style.paint(_TONES[diagnostic.severity], f"{diagnostic.severity}:")
    name = style.paint(Tone.DIM, f"[{diagnostic.name}]")
    head = f"{style.paint(Tone.BOLD, place)} {severity} {printable(diagnostic.what, limit=_PROSE_LIMIT)} {name}"
    shown = quoted(diagnostic.position, lines, style, _TONES[diagnostic.severity])
    return "\n".join([head, *shown, *_explanation(diagnostic.why, diagnostic.fix, style)]) + "\n"


def _explanation(why: str, fix: str, style: Style) -> list[str]:
    return [
        line for label, text in (("why", why), ("fix", fix)) if text.strip() for line in labelled(label, text, style)
    ]


def quoted(position: Position, lines: Sequence[str], style: Style, tone: Tone) -> list[str]:
    """The line at `position` of a file's `lines`, and a caret under the place; nothing where there is no such line."""
    if not 1 <= position.line <= len(lines):
        return []
    line = lines[position.line - 1].replace("\t", " ")
    window = style.width - 12
    start = max(0, position.column - 1 - window // 2) if len(line) > window else 0
    cut = line[start : start + window]
    before = printable(cut[: position.column - 1 - start], limit=window)
    gutter = f"{position.line:>5} | "
    caret = " " * (len(gutter) - 2) + "| " + " " * columns(before) + style.paint(tone, "^")
    return [style.paint(Tone.DIM, gutter) + printable(cut, limit=window), caret]
