"""Every state that a reconciliation can conclude with, and what tools must make of it: the table of the design."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reconciler.controller.health.conditions import conditions_of
from reconciler.controller.health.failures import Failure, FailureKind
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
from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.model.address import Address, Kind
from reconciler.plan.risk.guard import Refusal

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DIAGNOSTIC = Diagnostic("invalid-value", Position("Key/k", 7), "Key/k: `spec.x` cannot be 3", "at most 2", "change it")
RISK = Refusal(Address(Kind.KEY, "k"), "key-in-use", "it was used an hour ago", "key-in-use:Key/k")


def failure(kind: FailureKind, reason: Reason) -> Failure:
    return Failure(kind, reason, f"{reason}: it did not work", "SomeException")


@dataclass(frozen=True)
class Row:
    """One row: conditions (`TYPES` in order), `=` for what is kept, and the verdicts of tools."""

    state: State
    conditions: str
    kstatus: str
    argo: str
    going: bool = False
    """Whether the object has a deletionTimestamp."""
    when_ready: tuple[str, str] | None = None
    """The verdicts where the object was Ready for this generation before, if others."""


ROWS = {
    "in sync": Row(InSync(), "True True False False False", "Current", "Healthy"),
    "valid": Row(Valid(), "True True False False False", "Current", "Healthy"),
    "test passed": Row(AccessTestPassed("all is true"), "True True False False False", "Current", "Healthy"),
    "test failed": Row(AccessTestFailed("AccessTest/t: no"), "False False = False True", "Failed", "Degraded"),
    "pending import": Row(Unusable(Reason.PENDING_IMPORT), "False True False True False", "InProgress", "Progressing"),
    "drifted": Row(Drifted(("tags.team",)), "True False True False False", "Current", "Healthy"),
    "working": Row(Working("creating the key"), "False False = True False", "InProgress", "Progressing"),
    "waiting": Row(
        Waiting(Reason.REFERENCE_NOT_FOUND, "Key/k"), "False False = True False", "InProgress", "Progressing"
    ),
    "failing": Row(
        Failing(failure(FailureKind.TRANSIENT, Reason.SERVICE_FAULT)),
        "+ Unknown = True False",
        "InProgress",
        "Progressing",
    ),
    "stuck": Row(
        Stuck(failure(FailureKind.DENIED, Reason.ACCESS_DENIED)), "False False = False True", "Failed", "Degraded"
    ),
    "invalid": Row(Invalid((DIAGNOSTIC,)), "False False = False True", "Failed", "Degraded"),
    "blocked": Row(
        Blocked(Reason.IMMUTABLE_FIELD, "keySpec cannot change"), "False False = False True", "Failed", "Degraded"
    ),
    "refused": Row(Refused((RISK,)), "False False = False True", "Failed", "Degraded"),
    "forbidden": Row(
        Forbidden(Reason.NAMESPACE_NOT_ALLOWED, "not this namespace"), "False False = False True", "Failed", "Degraded"
    ),
    "paused": Row(Paused(), "+ Unknown = False False", "InProgress", "Suspended", when_ready=("Current", "Suspended")),
    "deleting": Row(
        Deleting("its deletion is being scheduled"),
        "False False = True False",
        "Terminating",
        "Progressing",
        going=True,
    ),
    "deletion refused": Row(
        DeletionRefused("the key is in use"), "False False = False True", "Terminating", "Degraded", going=True
    ),
}

BEFORE: dict[str, list[dict[str, Any]]] = {
    "new": [],
    "ready": conditions_of(InSync(), [], 3, NOW),
    "ready for an older generation": conditions_of(InSync(), [], 2, NOW),
    "stuck": conditions_of(Stuck(failure(FailureKind.STUCK, Reason.QUOTA_EXCEEDED)), [], 3, NOW),
    "drifted": conditions_of(Drifted(("enabled",)), [], 3, NOW),
}
READY_FOR_THIS = frozenset({"ready", "drifted"})


def object_in(row: Row, before: str, *, observed: int = 3) -> dict[str, Any]:
    """A Key of generation 3 in the state of `row`, as the API server has it."""
    metadata = {"name": "k", "namespace": "payments", "generation": 3}
    if row.going:
        metadata["deletionTimestamp"] = "2026-11-22T11:59:00Z"
    conditions = conditions_of(row.state, BEFORE[before], 3, NOW)
    return {
        "apiVersion": "kms.reconciler.dev/v1alpha1",
        "kind": "Key",
        "metadata": metadata,
        "spec": {},
        "status": {"observedGeneration": observed, "conditions": conditions},
    }


def new_object() -> dict[str, Any]:
    """A Key that no operator has seen: the status is the CRD's default."""
    return {
        "apiVersion": "kms.reconciler.dev/v1alpha1",
        "kind": "Key",
        "metadata": {"name": "k", "namespace": "payments", "generation": 1},
        "spec": {},
        "status": {"observedGeneration": -1},
    }


def verdicts(row: Row, before: str) -> tuple[str, str]:
    """What kstatus and Argo CD are to say."""
    if row.when_ready is not None and before in READY_FOR_THIS:
        return row.when_ready
    return row.kstatus, row.argo
