"""Key policies from roles: who administers a key, who uses it, who reads about it.

The permissions are those of the policy that AWS's console writes
(https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html), fitted to what the key can do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reconciler.kit.arn import root_arn
from reconciler.policy.document import VERSIONS, PolicyDocument, parse_document
from reconciler.policy.faults import FaultList, InvalidPolicy, Location, PolicyFault
from reconciler.policy.naming import KeyPlace, Namer
from reconciler.policy.permissions import (
    GRANT_ACTIONS,
    READ_ACTIONS,
    KeyTraits,
    administration_actions,
    is_for_services,
    use_actions,
)
from reconciler.policy.presets.write import ServiceWriter

_FOR_AWS_RESOURCES = {"Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}


@dataclass(frozen=True, slots=True)
class Roles:
    """Who may do what with a key.

    A principal is an ARN, a 12-digit account id, or `role/path/name` or `user/name` of the key's own account.
    """

    administrators: tuple[str, ...] = ()
    """May change the key, its policy and its grants, and not use it."""
    users: tuple[str, ...] = ()
    """May do the cryptographic operations that the key is for."""
    read_only: tuple[str, ...] = ()
    """May describe the key and list what is about it."""
    grantors: tuple[str, ...] = ()
    """May let AWS services use the key for their resources, through grants, where the key is one that services use."""
    accounts: tuple[str, ...] = ()
    """Accounts, as ids or root ARNs, whose own IAM policies may let their principals use the key."""
    services: tuple[object, ...] = ()
    """AWS services that use the key: mappings with `service` and the options of its preset."""
    statements: tuple[object, ...] = ()
    """Further statements, JSON-like mappings, appended as they are."""
    delegate_to_iam: bool = True
    """Whether IAM policies of the key's account can give permissions: AWS's default root statement."""


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A key policy, and which part of the roles made each of its statements."""

    document: PolicyDocument
    origins: tuple[Location, ...]
    """One a statement, in order, in fields of `Roles`: `("users",)`, `("statements", 0)`."""


def compile_roles(roles: Roles, *, key: KeyTraits, place: KeyPlace) -> CompiledPolicy:
    """The key policy that `roles` stand for, for a key like `key` in `place`; the same for any order in a role.

    Raises:
        InvalidPolicy: with every fault; locations begin with the field of `Roles`, e.g. `("users", 2)` or
            `("statements", 0, "Action")`.
    """
    faults = FaultList()
    compiled = _Compiler(key, Namer(place, faults)).statements(roles)
    if not compiled and not roles.statements:
        faults.add((), "nobody has a role on the key", "name administrators, or delegate to IAM")
    faults.raise_if_any()
    written = [statement for _, statement in compiled]
    origins = [origin for origin, _ in compiled] + [("statements", index) for index in range(len(roles.statements))]
    document = {"Version": VERSIONS[-1], "Statement": [*written, *roles.statements]}
    try:
        return CompiledPolicy(parse_document(document), tuple(origins))
    except InvalidPolicy as invalid:
        raise InvalidPolicy([_relocated(fault, len(compiled)) for fault in invalid.faults]) from None


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Writes the statements of one key policy."""

    key: KeyTraits
    namer: Namer

    def statements(self, roles: Roles) -> list[tuple[Location, dict[str, Any]]]:
        """Each statement after the field that makes it."""
        use = use_actions(self.key, self.namer.faults)
        principals = {
            "delegate_to_iam": self._root(roles),
            "administrators": self.namer.arns(roles.administrators, ("administrators",)),
            "users": self.namer.arns(roles.users, ("users",)),
            "accounts": self.namer.account_arns(roles.accounts, ("accounts",)),
            "read_only": self.namer.arns(roles.read_only, ("read_only",)),
            "grantors": self._grantors(roles),
        }
        written = {
            "delegate_to_iam": _allow("EnableIamUserPermissions", ["kms:*"]),
            "administrators": _allow("AllowAdministration", administration_actions(self.key)),
            "users": _allow("AllowUse", use),
            "accounts": _allow("AllowUseByAccounts", use),
            "read_only": _allow("AllowReadOnly", READ_ACTIONS),
            "grantors": _allow("AllowServiceGrants", GRANT_ACTIONS) | _FOR_AWS_RESOURCES,
        }
        of_roles: list[tuple[Location, dict[str, Any]]] = [
            ((field,), statement | {"Principal": {"AWS": principals[field]}})
            for field, statement in written.items()
            if principals[field]
        ]
        return of_roles + ServiceWriter(self.key, self.namer).statements(roles.services)

    def _root(self, roles: Roles) -> list[str]:
        place = self.namer.place
        return [root_arn(place.account, place.partition)] if roles.delegate_to_iam else []

    def _grantors(self, roles: Roles) -> list[str]:
        """Nobody where there is nothing to grant: no service uses another than a symmetric encryption key."""
        found = self.namer.arns(roles.grantors, ("grantors",))
        return found if is_for_services(self.key) else []


def _allow(sid: str, actions: Iterable[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": "*"}


def _relocated(fault: PolicyFault, compiled: int) -> PolicyFault:
    """`fault` of a document whose first `compiled` statements come from roles, in terms of `Roles`."""
    match fault.location:
        case ("Statement", int() as index, *rest) if index >= compiled:
            return PolicyFault(("statements", index - compiled, *rest), fault.what, fault.fix)
        case _:
            return fault
