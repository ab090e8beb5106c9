"""Key policies from roles: who administers a key, who uses it, who reads about it.

The permissions are those of the policy that AWS's console writes
(https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html), fitted to what the key can do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reconciler.kit.arn import root_arn
from reconciler.kit.printable import printable
from reconciler.policy.document import VERSIONS, PolicyDocument, parse_document
from reconciler.policy.faults import FaultList, InvalidPolicy, Location, PolicyFault
from reconciler.policy.permissions import (
    GRANT_ACTIONS,
    READ_ACTIONS,
    KeyTraits,
    administration_actions,
    use_actions,
)
from reconciler.policy.principals import ANYONE, is_account_id, is_principal_arn, is_service, is_unique_id

_SHORTHANDS = ("role/", "user/")


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
    """May let AWS services use the key for their resources, through grants."""
    accounts: tuple[str, ...] = ()
    """Accounts, as ids or root ARNs, whose own IAM policies may let their principals use the key."""
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


def compile_roles(roles: Roles, *, key: KeyTraits, account: str, partition: str) -> CompiledPolicy:
    """The key policy that `roles` stand for, for a key like `key` in `account`; the same for any order in a role.

    Raises:
        InvalidPolicy: with every fault; locations begin with the field of `Roles`, e.g. `("users", 2)` or
            `("statements", 0, "Action")`.
    """
    faults = FaultList()
    compiler = _Compiler(account, partition, faults)
    compiled = compiler.statements(roles, key)
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


class _Compiler:
    """Writes the statements of one key policy."""

    def __init__(self, account: str, partition: str, faults: FaultList) -> None:
        self._account = account
        self._partition = partition
        self._faults = faults

    def statements(self, roles: Roles, key: KeyTraits) -> list[tuple[Location, dict[str, Any]]]:
        """Each statement after the field that makes it."""
        root = [root_arn(self._account, self._partition)] if roles.delegate_to_iam else []
        use = use_actions(key, self._faults)
        service_grants = {"Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}
        written = [
            ("delegate_to_iam", _allow("EnableIamUserPermissions", root, ["kms:*"])),
            (
                "administrators",
                _allow(
                    "AllowAdministration",
                    self._arns("administrators", roles.administrators),
                    administration_actions(key),
                ),
            ),
            ("users", _allow("AllowUse", self._arns("users", roles.users), use)),
            ("accounts", _allow("AllowUseByAccounts", self._account_arns(roles.accounts), use)),
            ("read_only", _allow("AllowReadOnly", self._arns("read_only", roles.read_only), READ_ACTIONS)),
            (
                "grantors",
                _allow("AllowServiceGrants", self._arns("grantors", roles.grantors), GRANT_ACTIONS) | service_grants,
            ),
        ]
        return [((field,), statement) for field, statement in written if statement["Principal"]["AWS"]]

    def _arns(self, role: str, names: tuple[str, ...]) -> list[str]:
        return sorted({self._arn(name, (role, index)) for index, name in enumerate(names)})

    def _account_arns(self, names: tuple[str, ...]) -> list[str]:
        found = set()
        for index, name in enumerate(names):
            if is_account_id(name) or (is_principal_arn(name) and name.endswith(":root")):
                found.add(self._arn(name, ("accounts", index)))
            else:
                what, fix = f"{printable(name)} is no account", "use a 12-digit account id; name roles under users"
                self._faults.add(("accounts", index), what, fix)
        return sorted(found)

    def _arn(self, name: str, location: Location) -> str:
        """The ARN that `name` stands for; what is wrong with it goes to the faults."""
        arn = name
        if is_account_id(name):
            arn = root_arn(name, self._partition)
        elif name.startswith(_SHORTHANDS):
            arn = f"arn:{self._partition}:iam::{self._account}:{name}"
        if not is_principal_arn(arn):
            self._faults.add(location, f"{printable(name)} is no principal that a role can have", _fix_for(name))
        elif not arn.startswith(f"arn:{self._partition}:"):
            what = f"{printable(name)} is not in the partition {self._partition}"
            self._faults.add(location, what, f"use principals of {self._partition}: partitions do not share keys")
        return arn


def _fix_for(name: str) -> str:
    if is_service(name):
        return "give services a statement of their own under statements, with a condition on aws:SourceAccount"
    if name == ANYONE:
        return "name who it is; everybody is never a role"
    if is_unique_id(name):
        return "name the role or user by ARN: this is the id of one, shown when it was deleted"
    if ":group/" in name or name.startswith("group/"):
        return "IAM groups cannot be principals; name the roles or users"
    return "use an ARN, a 12-digit account id, role/name or user/name"


def _allow(sid: str, principals: Iterable[str], actions: Iterable[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": list(principals)},
        "Action": list(actions),
        "Resource": "*",
    }


def _relocated(fault: PolicyFault, compiled: int) -> PolicyFault:
    """`fault` of a document whose first `compiled` statements come from roles, in terms of `Roles`."""
    match fault.location:
        case ("Statement", int() as index, *rest) if index >= compiled:
            return PolicyFault(("statements", index - compiled, *rest), fault.what, fault.fix)
        case _:
            return fault
