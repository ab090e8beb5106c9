"""A rehearsal as a part of its plan's page."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.apply.outcome import StepResult
from reconciler.apply.rehearsal import Rehearsal
from reconciler.report.html.verdict import Tone
from reconciler.report.rehearsed import Fact, cause, facts, headline, subject


@dataclass(frozen=True, slots=True)
class FailureShown:
    """A step that failed on the copy."""

    subject: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class RehearsalShown:
    """A rehearsal with everything that its part of the page says."""

    tone: Tone
    headline: str
    failures: tuple[FailureShown, ...]
    skipped: tuple[tuple[str, str], ...]
    """Steps that were not tried, each with the resource that failed."""
    facts: tuple[Fact, ...]


def shown(rehearsal: Rehearsal) -> RehearsalShown:
    """`rehearsal` in words."""
    return RehearsalShown(
        Tone.GOOD if rehearsal.ok else Tone.ALARM,
        headline(rehearsal),
        tuple(map(_failure, rehearsal.outcome.failed)),
        tuple((subject(result), str(result.because)) for result in rehearsal.outcome.skipped),
        tuple(facts(rehearsal)),
    )


def _failure(result: StepResult) -> FailureShown:
    found = cause(result)
    return FailureShown(subject(result), "; ".join(text for text in (found.what, found.why) if text), found.fix)
