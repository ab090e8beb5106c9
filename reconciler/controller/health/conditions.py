"""From a state to the five conditions of an object; `safety` has the sixth, of those that have a policy.

All five are always there, in one order, so that tools which look at the first that is true (kstatus) and people who
look for one by name both find it. Everything that a state says carries the state's one reason; what it says nothing
of is kept as it was.

Sources: https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus (Reconciling, Stalled) and
https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#Condition
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, assert_never

from reconciler.controller.health.reasons import Reason
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

Condition = dict[str, Any]
"""type, status, reason, message, lastTransitionTime, observedGeneration, as metav1.Condition has them."""

READY: Final = "Ready"
SYNCED: Final = "Synced"
DRIFTED: Final = "Drifted"
RECONCILING: Final = "Reconciling"
STALLED: Final = "Stalled"

TYPES: Final = (READY, SYNCED, DRIFTED, RECONCILING, STALLED)
"""In the order in which they are written."""

Says = Literal["True", "False", "Unknown", "as before", "as before for this generation"]
"""The last keeps what was found out of the spec as it is now; of an older one it says False."""


@dataclass(frozen=True, slots=True)
class _Row:
    """What a state says in each condition, `TYPES` in order."""

    ready: Says
    synced: Says
    drifted: Says
    reconciling: Says = "False"
    stalled: Says = "False"

    def says(self) -> tuple[Says, ...]:
        return self.ready, self.synced, self.drifted, self.reconciling, self.stalled


_GOOD: Final = _Row("True", "True", "False")
_UNUSABLE: Final = _Row("False", "True", "False", reconciling="True")
_DRIFTED: Final = _Row("True", "False", "True")
_UNDER_WAY: Final = _Row("False", "False", "as before", reconciling="True")
_FAILING: Final = _Row("as before for this generation", "Unknown", "as before", reconciling="True")
_STALLED: Final = _Row("False", "False", "as before", stalled="True")
_PAUSED: Final = _Row("as before for this generation", "Unknown", "as before")


def conditions_of(
    state: State, previous: Sequence[Mapping[str, Any]], generation: int, now: datetime
) -> list[Condition]:
    """The conditions of an object in `state`.

    Args:
        state: what the reconciliation of the object concluded.
        previous: the conditions that it has; what is in them beside ours is dropped.
        generation: `metadata.generation` of what was reconciled.
        now: the time that a condition which flips gets; one that does not keeps its own.
    """
    before = {condition.get("type"): condition for condition in previous}
    reason, message = reason_of(state), message_of(state)
    conditions = []
    for kind, says in zip(TYPES, _row(state).says(), strict=True):
        was = before.get(kind)
        if was is not None and _kept(says, was, generation):
            conditions.append(kept_copy(was))
            continue
        status = _status(says)
        told = message if status == "True" or kind in (READY, SYNCED) else ""
        conditions.append(condition_of(kind, (status, reason, told), was, generation, now))
    return conditions


def condition_of(
    kind: str, told: tuple[str, Reason, str], was: Mapping[str, Any] | None, generation: int, now: datetime
) -> Condition:
    """One condition, of which `told` is the status, the reason and the message; `was` is what it was before."""
    status, reason, message = told
    instant = _instant(now)
    since = was.get("lastTransitionTime", instant) if was is not None and was.get("status") == status else instant
    return {
        "type": kind,
        "status": status,
        "reason": str(reason),
        "message": message,
        "lastTransitionTime": since,
        "observedGeneration": generation,
    }


def _row(state: State) -> _Row:
    match state:
        case InSync() | Valid() | AccessTestPassed():
            return _GOOD
        case Unusable():
            return _UNUSABLE
        case Drifted():
            return _DRIFTED
        case Working() | Waiting() | Deleting():
            return _UNDER_WAY
        case Failing():
            return _FAILING
        case AccessTestFailed() | Stuck() | Invalid() | Blocked() | Refused() | Forbidden() | DeletionRefused():
            return _STALLED
        case Paused():
            return _PAUSED
        case _:
            assert_never(state)


def _kept(says: Says, was: Mapping[str, Any], generation: int) -> bool:
    of_now = was.get("observedGeneration") == generation
    return says == "as before" or (says == "as before for this generation" and of_now and was.get("status") == "True")


def _status(says: Says) -> str:
    match says:
        case "as before":
            return "Unknown"
        case "as before for this generation":
            return "False"
        case _:
            return says


def kept_copy(was: Mapping[str, Any]) -> Condition:
    """A condition as it was, without what others wrote into it."""
    return {name: was[name] for name in _FIELDS if name in was}


_FIELDS: Final = ("type", "status", "reason", "message", "lastTransitionTime", "observedGeneration")


def _instant(now: datetime) -> str:
    """As metav1.Time is written: whole seconds of UTC."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
