"""What tools must make of an object, by the reason of its Ready condition: the truth that kstatus and Argo CD tell."""

from __future__ import annotations

from typing import Any

from reconciler.controller.health.conditions import TYPES
from reconciler.controller.health.safety import EXAMINED, POLICY_SAFE
from tests.controller.health.argo import health
from tests.controller.health.kstatus import kstatus

_GOOD = ("Current", "Healthy")
_PROGRESS = ("InProgress", "Progressing")
_BAD = ("Failed", "Degraded")
_VERDICTS = {
    **dict.fromkeys(("InSync", "Valid", "DriftDetected"), _GOOD),
    **dict.fromkeys(("PendingImport", "PendingDeletion", "PendingReplicaDeletion", "Disconnected"), _PROGRESS),
    **dict.fromkeys(("Working", "ReferenceNotFound", "ReferenceNotReady"), _PROGRESS),
    **dict.fromkeys(("TargetNotFound", "TargetNotReady", "PrincipalUnknown", "Connecting"), _PROGRESS),
    **dict.fromkeys(("AccessDenied", "CredentialsRefused", "Rejected", "Failed", "CustomKeyStoreFault"), _BAD),
    **dict.fromkeys(("Invalid", "Blocked", "ImmutableField", "AdoptionFailed", "Unresolved", "Refused"), _BAD),
    **dict.fromkeys(("NamespaceNotAllowed", "NotYours", "NameConflict"), _BAD),
    "DeletionRefused": ("Terminating", "Degraded"),
    "Deleting": ("Terminating", "Progressing"),
}


def check(body: dict[str, Any], reason: str) -> None:
    """Whether kstatus and the health script say of an object whose Ready has `reason` what is true of it."""
    conditions = body["status"]["conditions"]
    apart = (POLICY_SAFE,) if body["kind"] in EXAMINED else ()
    assert tuple(condition["type"] for condition in conditions) == (*TYPES, *apart)
    if _is_paused(body):
        assert health(body)[0] == "Suspended"
        return
    if body["metadata"].get("deletionTimestamp"):
        assert kstatus(body) == "Terminating"
        return
    if reason in _VERDICTS:
        told, message = health(body)
        assert (kstatus(body), told) == _expected(reason, conditions), f"{reason}: {conditions}"
        assert message, reason


def _expected(reason: str, conditions: list[dict[str, Any]]) -> tuple[str, str]:
    """What is denied on a new key is no failure yet: its tags and grants may not count, and it is asked again."""
    asked_again = any("asked again until" in condition["message"] for condition in conditions)
    return _PROGRESS if reason == "AccessDenied" and asked_again else _VERDICTS[reason]


def _is_paused(body: dict[str, Any]) -> bool:
    return body["metadata"].get("annotations", {}).get("kms.reconciler.dev/paused") == "true"
