"""A rehearsal for a comment on a pull request, below its plan."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.apply.outcome import StepResult
from reconciler.apply.rehearsal import Rehearsal
from reconciler.report.markdown.escape import prose
from reconciler.report.rehearsed import cause, facts, headline, subject
from reconciler.report.words import plural

_MOST = 10
"""Failures and facts that are told one by one, so that the plan keeps its room."""


def render(rehearsal: Rehearsal) -> str:
    """The headline, what would fail and why, and the facts."""
    failed = rehearsal.outcome.failed
    parts = ["### Rehearsal on a copy", f"**{prose(headline(rehearsal))}**"]
    if failed:
        alarms = [f"> - {line}" for result in failed[:_MOST] for line in _failure(result)]
        parts.append("\n".join(["> [!CAUTION]", *alarms, *_more(len(failed), "failure")]))
    told = list(facts(rehearsal))
    rows = [f"- {prose(fact.label)}: {prose(fact.text)}" for fact in told[:_MOST]]
    parts.append("\n".join([*rows, *_more(len(told), "note", "- ")]))
    return "\n\n".join(parts) + "\n"


def _failure(result: StepResult) -> Iterator[str]:
    failure = cause(result)
    said = [prose(text) for text in (failure.what, failure.why) if text]
    advice = f" ({prose(failure.fix)})" if failure.fix else ""
    yield f"**{prose(subject(result))}**: {'; '.join(said)}{advice}"


def _more(count: int, noun: str, mark: str = "> - ") -> list[str]:
    return [f"{mark}{plural(count - _MOST, noun)} more: see `kmsctl plan --rehearse`"] if count > _MOST else []
