"""Refusals in AWS's words.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html. Whoever is refused a key of
another account is not told by which policy, nor whether there is such a key.
"""

from __future__ import annotations

from typing import Final

from reconciler.engine.caller import IN_PROCESS, Caller
from reconciler.engine.errors import ACCESS_DENIED
from reconciler.kit.errors import KmsError
from reconciler.kit.printable import printable
from reconciler.policy.evaluate import Decision, Reason, Trace

_DENIED: Final = {
    Reason.DENIED_BY_KEY_POLICY: "a resource-based policy",
    Reason.DENIED_BY_IDENTITY_POLICY: "an identity-based policy",
    Reason.DENIED_BY_BOUNDARY: "a permissions boundary",
    Reason.DENIED_BY_SESSION_POLICY: "a session policy",
    Reason.DENIED_BY_SERVICE_CONTROL: "a service control policy",
    Reason.DENIED_BY_RESOURCE_CONTROL: "a resource control policy",
}
_NOT_ALLOWED: Final = {
    Reason.NOT_ALLOWED_BY_KEY_POLICY: "resource-based",
    Reason.NOT_ALLOWED_BY_GRANT: "resource-based",
    Reason.NOT_ALLOWED_BY_IDENTITY_POLICY: "identity-based",
    Reason.IDENTITY_POLICIES_UNKNOWN: "identity-based",
    Reason.NOT_ALLOWED_BY_BOUNDARY: "permissions boundary",
    Reason.NOT_ALLOWED_BY_SESSION_POLICY: "session",
    Reason.NOT_ALLOWED_BY_SERVICE_CONTROL: "service control",
}
_VAGUE: Final = (
    "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based "
    "policy explicitly denies access"
)


def denied(principal: str, action: str, resource: str, decision: Decision, *, foreign: bool) -> KmsError:
    """The refusal of `action` on `resource`, an ARN as the caller may know it, or `*`.

    `foreign` says that it belongs to another account.
    """
    why = _VAGUE if foreign else _why(action, decision.reason)
    message = f"User: {principal} is not authorized to perform: {action} on resource: {resource} {why}"
    return KmsError(ACCESS_DENIED, message)


def refusal(caller: Caller, action: str, resource: str, decision: Decision, *, foreign: bool) -> KmsError:
    """As `denied`; for callers in process with the trace as a note, which tracebacks show."""
    error = denied(caller.principal, action, resource, decision, foreign=foreign)
    if caller.origin is IN_PROCESS:
        error.add_note(explained(decision))
    return error


def explained(decision: Decision) -> str:
    """Every statement and grant that was looked at, a line each: for whoever debugs, never for the wire."""
    return "\n".join((f"decided: {decision.reason.value}", *map(_line, decision.trace)))


def _line(trace: Trace) -> str:
    sid = f" ({printable(trace.sid, limit=80)})" if trace.sid else ""
    detail = f": {trace.detail}" if trace.detail else ""
    where = f"{trace.source.value} {printable(trace.name, limit=120)}".strip()
    return f"  {where}, statement {trace.index}{sid}, {trace.effect}: {trace.outcome.value}{detail}"


def _why(action: str, reason: Reason) -> str:
    if reason in _DENIED:
        return f"with an explicit deny in {_DENIED[reason]}"
    kind = _NOT_ALLOWED.get(reason)
    if kind is None:
        return _VAGUE
    policy = kind if kind.endswith("boundary") else f"{kind} policy"
    return f"because no {policy} allows the {action} action"
