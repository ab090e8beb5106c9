"""What each operation asks permission for: actions, and the resources that they are asked for, as data.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html,
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html and "Required
permissions" of each operation in the API reference.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.engine.call import Operation


class Resource(enum.Enum):
    """What an action is asked for."""

    KEY = "key"
    """The key that a parameter names: its key policy decides, and IAM where the key policy hands on."""
    ACCOUNT = "*"
    """No key: IAM alone decides."""
    ALIAS = "alias"
    """The alias `AliasName` of the caller's account and Region: IAM alone decides."""
    TARGET_OF_ALIAS = "target of alias"
    """The key that the alias `AliasName` names now."""
    NEW_KEY = "new key"
    """A key that is not there yet, in the caller's Region: IAM alone decides."""
    NEW_REPLICA = "new replica"
    """A key that is not there yet, in the Region `ReplicaRegion`: IAM alone decides."""
    REPLICA = "replica"
    """The related key in the Region `PrimaryRegion`."""
    RETIRING_PRINCIPAL = "retiring principal"
    """The principal `RetiringPrincipal`: IAM alone decides."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One action that must be allowed for an operation."""

    action: str
    resource: Resource
    parameter: str = ""
    """Of `Resource.KEY`: the one that names the key, which may be absent. Of the others: only when it is given."""


def _alias(name: str, *others: Permission) -> tuple[Permission, ...]:
    return (Permission(f"kms:{name}", Resource.ALIAS), *others)


PERMISSIONS: Final[Mapping[str, tuple[Permission, ...]]] = MappingProxyType(
    {
        "CreateAlias": _alias("CreateAlias", Permission("kms:CreateAlias", Resource.KEY, "TargetKeyId")),
        "UpdateAlias": _alias(
            "UpdateAlias",
            Permission("kms:UpdateAlias", Resource.TARGET_OF_ALIAS),
            Permission("kms:UpdateAlias", Resource.KEY, "TargetKeyId"),
        ),
        "DeleteAlias": _alias("DeleteAlias", Permission("kms:DeleteAlias", Resource.TARGET_OF_ALIAS)),
        "ListAliases": (Permission("kms:ListAliases", Resource.ACCOUNT),),
        "CreateKey": (
            Permission("kms:CreateKey", Resource.ACCOUNT),
            Permission("kms:TagResource", Resource.NEW_KEY, "Tags"),
        ),
        "ReplicateKey": (
            Permission("kms:ReplicateKey", Resource.KEY, "KeyId"),
            Permission("kms:CreateKey", Resource.NEW_REPLICA, "ReplicaRegion"),
            Permission("kms:TagResource", Resource.NEW_REPLICA, "Tags"),
        ),
        "UpdatePrimaryRegion": (
            Permission("kms:UpdatePrimaryRegion", Resource.KEY, "KeyId"),
            Permission("kms:UpdatePrimaryRegion", Resource.REPLICA, "PrimaryRegion"),
        ),
        "ReEncrypt": (
            Permission("kms:ReEncryptFrom", Resource.KEY, "SourceKeyId"),
            Permission("kms:ReEncryptTo", Resource.KEY, "DestinationKeyId"),
        ),
        "ListRetirableGrants": (Permission("kms:ListRetirableGrants", Resource.RETIRING_PRINCIPAL),),
        "RetireGrant": (),  # the grant decides: authz.retirement
        "sts:GetCallerIdentity": (),  # nobody can be denied it: API_GetCallerIdentity.html
        "sts:AssumeRole": (),  # the role's trust policy decides: authz.assuming
        "tagging:GetResources": (Permission("tag:GetResources", Resource.ACCOUNT),),
    }
)
"""Operations that ask for something else than the action of their name for the keys that they name."""


_KNOWN: Final[dict[str, tuple[Permission, ...]]] = {}


def permissions_of(operation: Operation) -> tuple[Permission, ...]:
    """What `operation` needs; an operation that nobody thought of needs the action of its name."""
    found = _KNOWN.get(operation.name)
    if found is None:
        found = _KNOWN[operation.name] = _permissions(operation)
    return found


def _permissions(operation: Operation) -> tuple[Permission, ...]:
    if operation.name in PERMISSIONS:
        return PERMISSIONS[operation.name]
    action = operation.name if ":" in operation.name else f"kms:{operation.name}"
    if not operation.keys:
        return (Permission(action, Resource.ACCOUNT),)
    return tuple(Permission(action, Resource.KEY, parameter.name) for parameter in operation.keys)


def action_for(operation: Operation, parameter: str) -> str:
    """The action that `operation` asks for the key that `parameter` names."""
    named = (one.action for one in permissions_of(operation) if one.parameter == parameter)
    return next(named, permissions_of(operation)[0].action)
