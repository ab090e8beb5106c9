"""Condition keys about grants: of CreateGrant what the grant says, of all that manage grants who manages them.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-constraint-type
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.engine.authz.request import Request, Values

_CREATE: Final = "kms:CreateGrant"
_MANAGE: Final = frozenset({_CREATE, "kms:ListGrants", "kms:RevokeGrant"})
_CONSTRAINTS: Final = ("EncryptionContextEquals", "EncryptionContextSubset")


def _said(parameter: str) -> Callable[[Request], Values]:
    def values(request: Request) -> Values:
        value = request.call.get(parameter) if request.action == _CREATE else None
        return (value,) if value else ()

    return values


def _constraint_types(request: Request) -> Values:
    constraints = (request.call.get("Constraints") or {}) if request.action == _CREATE else {}
    return tuple(name for name in _CONSTRAINTS if constraints.get(name) is not None)


def _source_arn(request: Request) -> Values:
    constraints = (request.call.get("Constraints") or {}) if request.action == _CREATE else {}
    found = constraints.get("SourceArn")
    return (found,) if found else ()


def _operations(request: Request) -> Values:
    return tuple(request.call.get("Operations") or ()) if request.action == _CREATE else ()


def _is_for_service(request: Request) -> Values:
    """Whether an AWS service manages the grant, for itself or for the principal that called it."""
    if request.action not in _MANAGE:
        return ()
    return ("true" if request.call.caller.service is not None else "false",)


FACTS: Final[Mapping[str, Callable[[Request], Values]]] = {
    "kms:grantconstrainttype": _constraint_types,
    "kms:grantconstraintsourcearn": _source_arn,
    "kms:grantisforawsresource": _is_for_service,
    "kms:grantoperations": _operations,
    "kms:granteeprincipal": _said("GranteePrincipal"),
    "kms:granteeserviceprincipal": _said("GranteeServicePrincipal"),
    "kms:retiringprincipal": _said("RetiringPrincipal"),
    "kms:retiringserviceprincipal": _said("RetiringServicePrincipal"),
}
