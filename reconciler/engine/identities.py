"""Who there is: accounts, users, roles, services and their access keys, as a value that the engine is given.

The engine knows no file: `IdentitySource` gives it the identities of the moment (`workflow.identities` reads a file).
Without any, every account has its root user, who may do everything, and nobody has an IAM policy.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from reconciler.kit.arn import Arn
from reconciler.policy.evaluate.inputs import NamedPolicy

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user."""

    arn: str
    policies: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None
    """The permission boundary."""
    tags: Mapping[str, str] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role."""

    arn: str
    trust: NamedPolicy
    """Who may assume it."""
    policies: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None
    """The permission boundary."""
    tags: Mapping[str, str] = field(default_factory=lambda: _NONE)
    max_session: int = 3_600
    """Seconds that a session may last at most."""


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account. Users and roles are by name, without their path: names are unique in an account."""

    account_id: str
    alias: str | None = None
    organization_id: str | None = None
    users: Mapping[str, User] = field(default_factory=lambda: MappingProxyType({}))
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    service_control: tuple[tuple[NamedPolicy, ...], ...] = ()
    """Service control policies by level, from the root of the organisation down; empty where none limit the account."""
    resource_control: tuple[NamedPolicy, ...] = ()
    """Resource control policies of all levels."""
    partial: bool = False
    """Whether there may be other users and roles than these."""


_UNLIMITED: Final = Account("")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-term credential of a root user, a user, or a service."""

    key_id: str
    secret: str = field(repr=False)
    principal: str
    """ARN of the root user or user; or the service principal's name."""


@dataclass(frozen=True, slots=True)
class Identities:
    """Everybody. Two values are the same generation only when they are one object."""

    accounts: Mapping[str, Account] = field(default_factory=lambda: MappingProxyType({}))
    access_keys: Mapping[str, AccessKey] = field(default_factory=lambda: MappingProxyType({}))
    """By the id of the key."""
    policies: Mapping[str, NamedPolicy] = field(default_factory=lambda: MappingProxyType({}))
    """Policies with a name, which sessions can be limited to."""

    def user(self, arn: Arn) -> User | None:
        """The user with this ARN, path included."""
        account = self.accounts.get(arn.account)
        found = account.users.get(arn.resource.rpartition("/")[2]) if account else None
        return found if found and found.arn == str(arn) else None

    def role(self, account: str, name: str) -> Role | None:
        """The role with this name, whatever its path."""
        found = self.accounts.get(account)
        return found.roles.get(name) if found else None

    def role_of(self, arn: Arn) -> Role | None:
        """The role with this ARN, path included, or the role of the session with this ARN."""
        kind, _, rest = arn.resource.partition("/")
        if kind == "assumed-role":
            return self.role(arn.account, rest.partition("/")[0])
        found = self.role(arn.account, rest.rpartition("/")[2]) if kind == "role" else None
        return found if found and found.arn == str(arn) else None

    def limits(self, account: str) -> Account:
        """The account as far as its organisation limits it; nothing does where it is not known."""
        return self.accounts.get(account, _UNLIMITED)

    def organization(self, account: str | None) -> str | None:
        """The organisation that the account is in, if that is known."""
        found = self.accounts.get(account) if account else None
        return found.organization_id if found else None


NOBODY: Final = Identities()
"""No identities but the accounts' root users."""


class IdentitySource(Protocol):
    """Where identities come from."""

    def current(self) -> Identities:
        """The identities of this moment: the same object as long as nothing changed. It costs next to nothing."""
        ...


@dataclass(frozen=True, slots=True)
class FixedIdentities:
    """A source that never changes."""

    identities: Identities = NOBODY

    def current(self) -> Identities:
        """See `IdentitySource.current`."""
        return self.identities
