"""What a rehearsal says, in the words that text and Markdown share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from reconciler.apply.outcome import StepResult
from reconciler.apply.rehearsal import Rehearsal
from reconciler.plan.explain import explain
from reconciler.report.failures import Failure, failure_of
from reconciler.report.words import plural, spoken

_MINUTE: Final = 60
_MOST_CALLS: Final = 8
"""Operations that are told one by one: those that wait longest, then those that are called most."""
_MOST_REMAINING: Final = 5
_TRANSIENT: Final = frozenset(
    {"AlreadyExistsException", "KMSInvalidStateException", "NotFoundException", "ThrottlingException"}
)
"""Codes of which apply says that the world has changed since the plan was made. In a rehearsal it has not."""
_REFUSED: Final = "change the manifest, or put the key right by hand: KMS would refuse this in apply, too"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a rehearsal."""

    label: str
    text: str


def headline(rehearsal: Rehearsal) -> str:
    """One line: `6 steps done in 14 calls.`, with what was not done when there is such."""
    outcome = rehearsal.outcome
    done = f"{plural(len(outcome.done), 'step')} done"
    undone = [
        f"{len(some)} {word}" for some, word in ((outcome.failed, "failed"), (outcome.skipped, "skipped")) if some
    ]
    calls = plural(sum(one.count for one in rehearsal.calls), "call")
    return f"{', '.join([done, *undone])} in {calls}."


def facts(rehearsal: Rehearsal) -> Iterator[Fact]:
    """All that is told of a rehearsal but its failures."""
    if rehearsal.calls:
        yield Fact("time", _time(rehearsal))
        yield Fact("calls", _calls(rehearsal))
    yield Fact("next plan", _next(rehearsal))
    for one in rehearsal.left_out:
        yield Fact("not rehearsed", f"{one.address}: {one.why}")
    for difference in rehearsal.differences:
        yield Fact("note", difference)


def duration(seconds: float) -> str:
    """`under a second`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = math.ceil(seconds)
    if seconds < 1:
        return "under a second"
    if whole < _MINUTE:
        return f"about {whole} s"
    minutes, rest = divmod(whole, _MINUTE)
    if minutes < _MINUTE:
        return f"about {minutes} min {rest} s"
    return f"about {minutes // _MINUTE} h {minutes % _MINUTE} min"


def cause(result: StepResult) -> Failure:
    """Why a step failed on the copy, and what to do before it does in earnest."""
    failure = failure_of(result.error)
    return replace(failure, fix=_REFUSED) if not failure.fix or failure.code in _TRANSIENT else failure


def subject(result: StepResult) -> str:
    """A step, with the manifest's line: `Key/orders keys.yaml:3: put the key policy`."""
    place = result.change.position
    where = f" {place.file}:{place.line}" if place else ""
    return f"{result.change.address}{where}: {explain(result.step)}"


def _time(rehearsal: Rehearsal) -> str:
    slowest = max(rehearsal.calls, key=lambda one: one.waited)
    waits = f", of which {slowest.operation} waits {duration(slowest.waited)}" if slowest.waited >= 1 else ""
    return f"{duration(rehearsal.seconds)} by AWS's default quotas of requests{waits}; the network's time comes on top"


def _calls(rehearsal: Rehearsal) -> str:
    ordered = sorted(rehearsal.calls, key=lambda one: (-one.waited, -one.count, one.operation))
    told = [f"{one.operation} {one.count:,}" for one in ordered[:_MOST_CALLS]]
    more = len(ordered) - _MOST_CALLS
    return ", ".join([*told, f"and {plural(more, 'operation')} more"] if more > 0 else told)


def _next(rehearsal: Rehearsal) -> str:
    if rehearsal.remaining is None:
        return "not asked, because a step failed" if not rehearsal.ok else "not known: the caller may not read it then"
    if not rehearsal.remaining:
        return "nothing else is left to do" if rehearsal.left_out else "nothing is left to do"
    told = [f"{one.address} ({spoken(one.action)})" for one in rehearsal.remaining[:_MOST_REMAINING]]
    more = len(rehearsal.remaining) - _MOST_REMAINING
    return "would go on with " + ", ".join([*told, f"and {more} more"] if more > 0 else told)
