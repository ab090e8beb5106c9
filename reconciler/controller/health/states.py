"""What a reconciliation may conclude: a closed union.

States are made where an object is reconciled; `conditions`, `events` and the queue's delays follow from them. All
texts in them are for people; they are cut and made printable when they become conditions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never

from reconciler.controller.health.failures import Failure, FailureKind, classify
from reconciler.controller.health.reasons import Reason
from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import InvalidInput
from reconciler.plan.changes import Change
from reconciler.plan.changes import Reason as PlanReason
from reconciler.plan.risk.guard import Refusal

UnusableReason: TypeAlias = Literal[
    Reason.CREATING,
    Reason.UPDATING,
    Reason.PENDING_IMPORT,
    Reason.PENDING_DELETION,
    Reason.PENDING_REPLICA_DELETION,
    Reason.UNAVAILABLE,
    Reason.CONNECTING,
    Reason.DISCONNECTED,
]
WaitingReason: TypeAlias = Literal[
    Reason.REFERENCE_NOT_FOUND,
    Reason.REFERENCE_NOT_READY,
    Reason.TARGET_NOT_FOUND,
    Reason.TARGET_NOT_READY,
    Reason.TARGET_DELETING,
    Reason.IN_USE,
    Reason.WAITING_FOR_REPLICAS,
]
BlockedReason: TypeAlias = Literal[Reason.IMMUTABLE_FIELD, Reason.ADOPTION_FAILED, Reason.UNRESOLVED, Reason.PROTECTED]
ForbiddenReason: TypeAlias = Literal[Reason.NAMESPACE_NOT_ALLOWED, Reason.NOT_YOURS, Reason.NAME_CONFLICT]


@dataclass(frozen=True, slots=True)
class InSync:
    """The KMS holds what is declared. A key that is declared disabled, and is, is in sync."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Valid:
    """A KeyPolicy or Target that is sound."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class AccessTestPassed:
    """An AccessTest all of which is true of its keys."""

    detail: str
    reason: Literal[Reason.ACCESS_TEST_PASSED] = field(default=Reason.ACCESS_TEST_PASSED, init=False)


@dataclass(frozen=True, slots=True)
class AccessTestFailed:
    """An AccessTest of which something is not true."""

    detail: str
    """What, and what is true instead."""
    reason: Literal[Reason.ACCESS_TEST_FAILED] = field(default=Reason.ACCESS_TEST_FAILED, init=False)


@dataclass(frozen=True, slots=True)
class Unusable:
    """As declared, and not to be used at present; KMS or somebody else acts next."""

    reason: UnusableReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Drifted:
    """Not as declared, and left so: `driftPolicy: Report`, or aliases that nobody declared."""

    fields: tuple[str, ...]
    """Paths as in the manifest, e.g. `rotation.automatic.periodDays`."""


@dataclass(frozen=True, slots=True)
class Working:
    """Changes are about to be made."""

    what: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another object comes first."""

    reason: WaitingReason
    on: str
    """Which, as people know it: `Key/payments`."""


@dataclass(frozen=True, slots=True)
class Failing:
    """It did not work and may well soon."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Stuck:
    """It does not work until somebody does something."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Invalid:
    """The object has errors."""

    diagnostics: tuple[Diagnostic, ...]
    """At least one."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """It cannot be done as declared."""

    reason: BlockedReason
    detail: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The guard refuses the change."""

    risks: tuple[Refusal, ...]
    """At least one."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The object asks for what its namespace may not have."""

    reason: ForbiddenReason
    why: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The annotation says to leave it alone."""


@dataclass(frozen=True, slots=True)
class Deleting:
    """The object is on its way out."""

    detail: str


@dataclass(frozen=True, slots=True)
class DeletionRefused:
    """The object cannot go yet: what its deletion policy asks for is refused."""

    why: str


State: TypeAlias = (
    InSync
    | Valid
    | AccessTestPassed
    | AccessTestFailed
    | Unusable
    | Drifted
    | Working
    | Waiting
    | Failing
    | Stuck
    | Invalid
    | Blocked
    | Refused
    | Forbidden
    | Paused
    | Deleting
    | DeletionRefused
)

_PASSING = frozenset({FailureKind.TRANSIENT, FailureKind.THROTTLED, FailureKind.UNREACHABLE, FailureKind.WAIT})


def state_of_error(error: Exception) -> Failing | Stuck | Invalid:
    """The state of an object whose reconciliation ended with `error`."""
    if isinstance(error, InvalidInput) and error.diagnostics:
        return Invalid(error.diagnostics)
    failure = classify(error)
    return Failing(failure) if failure.kind in _PASSING else Stuck(failure)


def state_of_blocked(change: Change) -> Blocked:
    """The state of an object whose change the planner says is blocked."""
    return Blocked(_BLOCKED.get(change.reason, Reason.UNRESOLVED), change.detail or str(change.reason))


_BLOCKED: dict[PlanReason, BlockedReason] = {
    PlanReason.IMMUTABLE_FIELD: Reason.IMMUTABLE_FIELD,
    PlanReason.ADOPTION_FAILED: Reason.ADOPTION_FAILED,
    PlanReason.PROTECTED: Reason.PROTECTED,
}


def retry_of(state: State) -> FailureKind | None:
    """By which delays (`failures.DELAYS`) an object in `state` is looked at again; None: with the next drift check."""
    match state:
        case Failing(failure) | Stuck(failure):
            return failure.kind
        case Waiting() | Unusable(Reason.CREATING | Reason.UPDATING | Reason.CONNECTING):
            return FailureKind.WAIT
        case Working() | Deleting():
            return FailureKind.TRANSIENT
        case Blocked() | Refused() | DeletionRefused() | AccessTestFailed():
            return FailureKind.STUCK
        case Invalid() | Forbidden():
            return FailureKind.INVALID
        case InSync() | Valid() | AccessTestPassed() | Unusable() | Drifted() | Paused():
            return None
        case _:
            assert_never(state)
