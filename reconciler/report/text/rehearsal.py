"""A rehearsal for people: what would fail and why, how long the apply takes, and what comes after it."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.apply.outcome import StepResult
from reconciler.apply.rehearsal import Rehearsal
from reconciler.kit.printable import printable
from reconciler.report.rehearsed import cause, facts, headline, subject
from reconciler.report.style import Style, Tone
from reconciler.report.text.prose import labelled
from reconciler.report.words import plural

_LIMIT = 2_000
_MOST = 20
"""Lines of one kind; the rest is in JSON."""


def render(rehearsal: Rehearsal, style: Style) -> str:
    """The headline, each failure with its cause, what was skipped for it, and the facts."""
    lines = [style.paint(Tone.BOLD if rehearsal.ok else Tone.ALARM, f"Rehearsal on a copy: {headline(rehearsal)}")]
    failed, skipped = rehearsal.outcome.failed, rehearsal.outcome.skipped
    for result in failed[:_MOST]:
        lines += _failure(result, style)
    lines += _more(len(failed), "failure")
    lines += [_skipped(result, style) for result in skipped[:_MOST]]
    lines += _more(len(skipped), "skipped step")
    told = list(facts(rehearsal))
    for fact in told[:_MOST]:
        lines += labelled(fact.label, fact.text, style)
    lines += _more(len(told), "note")
    return "\n".join(lines) + "\n"


def _failure(result: StepResult, style: Style) -> Iterator[str]:
    yield f"  {style.paint(Tone.ALARM, 'failed')} {printable(subject(result), limit=_LIMIT)}"
    failure = cause(result)
    for label, text in (("what", failure.what), ("why", failure.why), ("fix", failure.fix)):
        if text:
            yield from labelled(label, text, style, indent=4)


def _skipped(result: StepResult, style: Style) -> str:
    reason = f"{printable(str(result.because))} failed"
    return f"  {style.paint(Tone.CHANGED, 'skipped')} {printable(subject(result), limit=_LIMIT)}: {reason}"


def _more(count: int, noun: str) -> list[str]:
    return [f"  … and {plural(count - _MOST, noun)} more: --output json has them all"] if count > _MOST else []
