"""From the plain values of an identities file to `Identities`, with everything that is wrong on the way.

The values match `identities.schema.json`; what is checked here is what a schema cannot say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from reconciler.engine.identities import AccessKey, Account, Identities, Role, User
from reconciler.kit.arn import root_arn
from reconciler.kit.printable import printable
from reconciler.manifest.documents import Message
from reconciler.manifest.positions import Path
from reconciler.policy.principals import is_account_id, is_service
from reconciler.workflow.identities.faults import Fault, Faults
from reconciler.workflow.identities.policies import Policies

DEFAULT_SESSION: Final = 3_600
"""Seconds of a role's sessions, unless it says otherwise.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-role_session.html"""
_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
"""Of users and roles: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def build(value: Mapping[str, Any]) -> tuple[Identities, tuple[Fault, ...]]:
    """The identities that `value` declares, and its faults; the identities are of no use when there are any."""
    builder = _Builder(value)
    identities = builder.identities()
    return identities, builder.faults.found()


class _Builder:
    def __init__(self, value: Mapping[str, Any]) -> None:
        self._value = value
        self.faults = Faults()
        self._policies = Policies(value.get("policies", {}), self.faults)
        self._keys: dict[str, AccessKey] = {}

    def identities(self) -> Identities:
        """Everything, in the order of the file."""
        accounts = {
            account: self._account(account, body or {}) for account, body in self._value.get("accounts", {}).items()
        }
        for service, body in self._value.get("services", {}).items():
            self._service(service, body or {})
        return Identities(
            MappingProxyType(accounts),
            MappingProxyType(self._keys),
            MappingProxyType(self._policies.named()),
        )

    def _account(self, account: str, body: Mapping[str, Any]) -> Account:
        path: Path = ("accounts", account)
        partition = body.get("partition", "aws")
        if not is_account_id(account):
            what = f"{printable(account, limit=80)} is no account id"
            self.faults.add(path, Message("invalid-account-id", what, "", "use twelve digits, in quotes"), of_key=True)
        self._access_keys((*path, "root"), body.get("root") or {}, root_arn(account, partition))
        prefix = f"arn:{partition}:iam::{account}"
        users = {
            name: self._user(prefix, name, one or {}, (*path, "users", name))
            for name, one in body.get("users", {}).items()
        }
        roles = {
            name: self._role(prefix, name, one, (*path, "roles", name)) for name, one in body.get("roles", {}).items()
        }
        return Account(
            account,
            body.get("alias"),
            body.get("organizationId"),
            MappingProxyType(users),
            MappingProxyType(roles),
            self._policies.service_control(body.get("serviceControlPolicies", ()), (*path, "serviceControlPolicies")),
            self._policies.resource_control(
                body.get("resourceControlPolicies", ()), (*path, "resourceControlPolicies")
            ),
        )

    def _user(self, prefix: str, name: str, body: Mapping[str, Any], path: Path) -> User:
        self._check_name(name, path)
        arn = f"{prefix}:user{body.get('path', '/')}{name}"
        self._access_keys(path, body, arn)
        return User(
            arn,
            self._policies.attached(body.get("policies", ()), (*path, "policies")),
            self._policies.boundary(body.get("boundary"), (*path, "boundary")),
            MappingProxyType(dict(body.get("tags", {}))),
        )

    def _role(self, prefix: str, name: str, body: Mapping[str, Any], path: Path) -> Role:
        self._check_name(name, path)
        return Role(
            f"{prefix}:role{body.get('path', '/')}{name}",
            self._policies.trust(body["trust"], (*path, "trust")),
            self._policies.attached(body.get("policies", ()), (*path, "policies")),
            self._policies.boundary(body.get("boundary"), (*path, "boundary")),
            MappingProxyType(dict(body.get("tags", {}))),
            body.get("maxSessionSeconds", DEFAULT_SESSION),
        )

    def _service(self, service: str, body: Mapping[str, Any]) -> None:
        path: Path = ("services", service)
        if not is_service(service):
            what = f"{printable(service, limit=80)} is no service principal"
            fix = "use a service's name, e.g. s3.amazonaws.com"
            self.faults.add(path, Message("invalid-service", what, "", fix), of_key=True)
        self._access_keys(path, body, service)

    def _access_keys(self, path: Path, body: Mapping[str, Any], principal: str) -> None:
        for index, one in enumerate(body.get("accessKeys", ())):
            place: Path = (*path, "accessKeys", index, "id")
            key_id: str = one["id"]
            if key_id in self._keys:
                owner = printable(self._keys[key_id].principal, limit=120)
                self.faults.add(
                    place,
                    Message(
                        "duplicate-access-key",
                        f"the access key {printable(key_id, limit=80)} is that of {owner}, too",
                        "the id of an access key says who calls",
                        "give each its own",
                    ),
                )
            else:
                self._keys[key_id] = AccessKey(key_id, one["secret"], principal)

    def _check_name(self, name: str, path: Path) -> None:
        if not _NAME.fullmatch(name):
            what = f"{printable(name, limit=80)} is no name of a user or role"
            why = "names have 1 to 64 letters, digits and _+=,.@-"
            self.faults.add(path, Message("invalid-name", what, why, "choose another name"), of_key=True)
