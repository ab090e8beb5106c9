"""Which events a reconciliation is worth: what was done, and what is newly wrong. Nothing when nothing flipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, assert_never

from reconciler.controller.health.conditions import SYNCED
from reconciler.controller.health.failures import FailureKind
from reconciler.controller.health.reasons import EventReason, Reason
from reconciler.controller.health.states import (
    AccessTestFailed,
    AccessTestPassed,
    Blocked,
    Deleting,
    DeletionRefused,
    Drifted,
    Failing,
    Forbidden,
    InSync,
    Invalid,
    Paused,
    Refused,
    State,
    Stuck,
    Unusable,
    Valid,
    Waiting,
    Working,
)
from reconciler.controller.health.telling import message_of, reason_of
from reconciler.controller.health.wording import clipped


@dataclass(frozen=True, slots=True)
class Event:
    """One event, before it is known of which object."""

    type: Literal["Normal", "Warning"]
    reason: EventReason
    message: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done to the resource of an object."""

    reason: EventReason
    detail: str
    """In one sentence for people: `created key 1234abcd-…`."""


_WARNINGS: Final = frozenset({EventReason.DRIFT_CORRECTED, EventReason.DELETION_SCHEDULED})
"""Deeds that somebody should know of even who looks only for warnings."""


def worth_telling(previous: Sequence[Mapping[str, Any]], state: State, done: Sequence[Deed] = ()) -> list[Event]:
    """The events of one reconciliation, in the order in which things happened.

    Args:
        previous: the conditions from before the reconciliation, not those that `Working` wrote in its course.
        state: what it concluded.
        done: what it did.
    """
    events = events_of(done)
    wrong = _wrong(state)
    if wrong is not None and _is_new(previous, state):
        events.append(Event("Warning", wrong, message_of(state)))
    return events


def events_of(done: Sequence[Deed]) -> list[Event]:
    """The events of what was done alone, for an object whose state is not told any more."""
    return [
        Event("Warning" if deed.reason in _WARNINGS else "Normal", deed.reason, clipped(deed.detail)) for deed in done
    ]


def _wrong(state: State) -> EventReason | None:
    """Being throttled is told by metrics: it is nobody's fault, and every object of a busy account would tell it."""
    match state:
        case Drifted():
            return EventReason.DRIFT_DETECTED
        case Failing(failure):
            return None if failure.kind is FailureKind.THROTTLED else EventReason.FAILED
        case Stuck():
            return EventReason.FAILED
        case Invalid():
            return EventReason.INVALID
        case Blocked():
            return EventReason.BLOCKED
        case Refused():
            return EventReason.REFUSED
        case Forbidden():
            return EventReason.FORBIDDEN
        case DeletionRefused():
            return EventReason.DELETION_REFUSED
        case AccessTestFailed():
            return EventReason.ACCESS_TEST_FAILED
        case InSync() | Valid() | AccessTestPassed() | Unusable() | Working() | Waiting() | Paused() | Deleting():
            return None
        case _:
            assert_never(state)


def _is_new(previous: Sequence[Mapping[str, Any]], state: State) -> bool:
    """Whether the object was not told so before; of a failure the words may differ each time, so its reason counts."""
    before = next((condition for condition in previous if condition.get("type") == SYNCED), {})
    reason: Reason = reason_of(state)
    if before.get("reason") != reason:
        return True
    return not isinstance(state, Failing | Stuck) and before.get("message") != message_of(state)
