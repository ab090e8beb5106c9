"""A rehearsal for a comment on a pull request, within its plan."""

from __future__ import annotations

from reconciler.apply.outcome import StepResult
from reconciler.apply.rehearsal import Rehearsal
from reconciler.report.markdown.clip import fitting
from reconciler.report.markdown.escape import prose
from reconciler.report.rehearsed import cause, facts, headline, subject
from reconciler.report.words import plural

ROOM = 10_000
"""The most characters of a comment that a rehearsal takes, so that its plan keeps room."""


def section(rehearsal: Rehearsal) -> str:
    """The headline, what would fail and why, and the facts; what has no room is counted."""
    parts = ["#### Rehearsal on a copy", f"**{prose(headline(rehearsal))}**"]
    failures = (f"> - {_failure(result)}" for result in rehearsal.outcome.failed)
    shown, hidden = fitting(failures, ROOM // 2)
    if shown or hidden:
        parts.append("\n".join(["> [!CAUTION]", *shown, *_more(hidden, "failure", "> - ")]))
    rows, unlisted = fitting((f"- {prose(fact.label)}: {prose(fact.text)}" for fact in facts(rehearsal)), ROOM // 3)
    parts.append("\n".join([*rows, *_more(unlisted, "note", "- ")]))
    return "\n\n".join(parts)


def _failure(result: StepResult) -> str:
    failure = cause(result)
    said = [prose(text) for text in (failure.what, failure.why) if text]
    advice = f" ({prose(failure.fix)})" if failure.fix else ""
    return f"**{prose(subject(result))}**: {'; '.join(said)}{advice}"


def _more(count: int, noun: str, mark: str) -> list[str]:
    return [f"{mark}{plural(count, noun)} more did not fit: see `kmsctl plan --rehearse`"] if count else []
