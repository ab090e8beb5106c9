"""The answer to one question about access, for people."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from reconciler.policy.access import Standing
from reconciler.report.access.causes import named, place_of, position_of
from reconciler.report.access.sentences import VERDICTS, asked, hints, outcome, why
from reconciler.report.access.shown import AnswerShown
from reconciler.report.style import Style, Tone
from reconciler.report.text.prose import sentence
from reconciler.report.text.table import table

TONES: Final = MappingProxyType({
    Standing.ALLOWED: Tone.ADDED,
    Standing.DELEGATED: Tone.CHANGED,
    Standing.DENIED: Tone.REMOVED,
})  # fmt: skip
_HEAD: Final = ("POLICY", "STATEMENT OR GRANT", "DECLARED", "OUTCOME")


def render(shown: AnswerShown, style: Style, *, trace: bool = False) -> str:
    """The verdict, what decides, what to add to the question; with `trace` what became of every statement and grant."""
    standing = shown.answer.standing
    lines = [
        f"{style.paint(TONES[standing], VERDICTS[standing])}: {asked(shown)}",
        *sentence(why(shown), style, 2),
    ]
    for hint in hints(shown):
        lines += sentence(f"note: {hint}", style, 2)
    if trace:
        lines += ["", *_trace(shown, style)]
    return "\n".join(lines) + "\n"


def _trace(shown: AnswerShown, style: Style) -> list[str]:
    rows = [
        (one.source.value, named(one, shown.key), place_of(position_of(one, shown.key)) or "-", outcome(one))
        for one in shown.answer.trace
    ]
    return table(_HEAD, rows, style)
