"""The reason and the sentence of each state."""

from __future__ import annotations

from typing import Final, assert_never

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
from reconciler.controller.health.wording import clipped, listed, sentence
from reconciler.kit.diagnostics import Diagnostic
from reconciler.plan.risk.guard import Refusal

ALLOW_ANNOTATION: Final = "kms.reconciler.dev/allow"
"""Names the dangers that are accepted, as `--allow` does."""
PAUSED_ANNOTATION: Final = "kms.reconciler.dev/paused"
_MOST_FIELDS: Final = 20


def reason_of(state: State) -> Reason:
    """The one reason that everything which is told of `state` carries."""
    match state:
        case InSync():
            return Reason.IN_SYNC
        case Valid():
            return Reason.VALID
        case Drifted():
            return Reason.DRIFT_DETECTED
        case Working():
            return Reason.WORKING
        case Failing(failure) | Stuck(failure):
            return failure.reason
        case Invalid():
            return Reason.INVALID
        case Refused():
            return Reason.REFUSED
        case Paused():
            return Reason.PAUSED
        case Deleting():
            return Reason.DELETING
        case DeletionRefused():
            return Reason.DELETION_REFUSED
        case Unusable() | Waiting() | Blocked() | Forbidden() | AccessTestPassed() | AccessTestFailed():
            return state.reason
        case _:
            assert_never(state)


def message_of(state: State) -> str:
    """What to tell a person of `state`: one line, at most `wording.MAX_MESSAGE` characters."""
    return clipped(_message(state))


def _message(state: State) -> str:
    match state:
        case InSync(detail):
            return detail or "the KMS holds what is declared"
        case Valid(detail):
            return detail or "it is sound"
        case Unusable(reason, detail):
            return f"{_UNUSABLE[reason]}: {detail}" if detail else _UNUSABLE[reason]
        case Drifted(fields):
            return f"the KMS differs from what is declared in {listed(fields, most=_MOST_FIELDS)}"
        case Waiting(reason, on):
            return f"waiting for {on}, which {_WAITS[reason]}"
        case Failing(failure) | Stuck(failure):
            return failure.message
        case Invalid(diagnostics):
            return _invalid(diagnostics)
        case Refused(risks):
            return "; ".join(map(_refusal, risks))
        case Paused():
            return f"paused by the annotation {PAUSED_ANNOTATION}"
        case (
            Working(text)
            | Deleting(text)
            | DeletionRefused(text)
            | Blocked(_, text)
            | Forbidden(_, text)
            | AccessTestPassed(text)
            | AccessTestFailed(text)
        ):
            return text
        case _:
            assert_never(state)


_UNUSABLE: Final = {
    Reason.CREATING: "KMS is still making the key",
    Reason.UPDATING: "KMS is still moving the primary Region",
    Reason.PENDING_IMPORT: "the key waits for its key material",
    Reason.PENDING_DELETION: "the deletion of the key is scheduled",
    Reason.PENDING_REPLICA_DELETION: "the deletion of the key is scheduled, and waits for that of its replicas",
    Reason.UNAVAILABLE: "the custom key store behind the key cannot be reached",
    Reason.CONNECTING: "the custom key store is being connected",
    Reason.DISCONNECTED: "the custom key store is not connected",
}
_WAITS: Final = {
    Reason.REFERENCE_NOT_FOUND: "is not there yet",
    Reason.REFERENCE_NOT_READY: "is not ready yet",
    Reason.TARGET_NOT_FOUND: "is not there yet",
    Reason.TARGET_NOT_READY: "cannot be used yet",
    Reason.TARGET_DELETING: "is being deleted",
    Reason.IN_USE: "cannot end without it",
    Reason.WAITING_FOR_REPLICAS: "has to go first",
}


def _invalid(diagnostics: tuple[Diagnostic, ...]) -> str:
    first, more = diagnostics[0], len(diagnostics) - 1
    told = sentence(first.what, first.why, first.fix)
    return f"{more + 1} errors, first: {told}" if more else told


def _refusal(risk: Refusal) -> str:
    way = f"annotate {ALLOW_ANNOTATION}: {risk.name} to accept it" if risk.allow else "only the spec can change that"
    return f"{risk.name}: {risk.why}; {way}"
