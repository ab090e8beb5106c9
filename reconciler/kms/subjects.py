"""Which keys a reading covers, and what of each: everything that is decided before the first key is read."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.kit.arn import Arn
from reconciler.kms.decode import key_id_of
from reconciler.kms.sweeps import Aliases
from reconciler.model.identifiers import AliasName, KeyArn, KeyId
from reconciler.model.observed import Account
from reconciler.model.ownership import Ownership
from reconciler.model.scope import Scope, Wanted

NOTHING = Wanted()


class Role(enum.Enum):
    """Why a key is read, which says what a failure to read it means."""

    OWNED = enum.auto()
    """It is this stack's: it must be readable, unless it is gone."""
    NAMED = enum.auto()
    """A manifest names it: when it cannot be read it is left out, and the planner says so."""
    UNMANAGED = enum.auto()
    """It is nobody's, or another stack's: shown when it can be."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A key to read."""

    key: str
    """What calls name it by: its id, or the ARN of a key or alias of another account."""
    role: Role
    wanted: Wanted = NOTHING
    tags: Mapping[str, str] | None = None
    """None: not known yet."""

    @property
    def foreign(self) -> bool:
        """Whether it is another account's, where many calls cannot reach."""
        return self.key.startswith("arn:")


@dataclass(slots=True)
class Subjects:
    """Keys to read, each once, however often it is named."""

    account: Account
    by_key: dict[str, Subject] = field(default_factory=dict)

    def sorted(self) -> list[Subject]:
        """By key."""
        return [self.by_key[key] for key in sorted(self.by_key)]

    def names(self) -> set[str]:
        """What the manifests call those that are this stack's."""
        owners = (Ownership.of(s.tags or {}) for s in self.by_key.values() if s.role is Role.OWNED)
        return {owner.name for owner in owners if owner}

    def add_owned(self, key: KeyId, tags: Mapping[str, str], scope: Scope) -> None:
        """A key that carries tags of ours, if it is of the scope's stack."""
        owner = Ownership.of(tags)
        wanted = scope.keys.get(owner.name, scope.others) if owner and owner.stack == scope.stack else None
        if wanted is not None:
            self._add(Subject(key, Role.OWNED, wanted, tags))

    def add_named(self, key: str, wanted: Wanted) -> None:
        """A key that a manifest names from outside the stack."""
        self._add(Subject(key, Role.NAMED, wanted))

    def add_unmanaged(self, key: KeyId, tags: Mapping[str, str], wanted: Wanted) -> None:
        """Any other key."""
        if key not in self.by_key:
            self._add(Subject(key, Role.UNMANAGED, wanted, tags))

    def _add(self, subject: Subject) -> None:
        known = self.by_key.get(subject.key)
        self.by_key[subject.key] = replace(known, wanted=union(known.wanted, subject.wanted)) if known else subject


def union(one: Wanted, other: Wanted) -> Wanted:
    """What either wants."""
    return Wanted(
        policy=one.policy or other.policy,
        rotation=one.rotation or other.rotation,
        serial=one.serial if one.serial is not None else other.serial,
        material=one.material or other.material,
        grants={**other.grants, **one.grants},
        every_grant=one.every_grant or other.every_grant,
    )


def resolve(reference: str, aliases: Aliases, account: Account) -> str | None:
    """What calls can name the key by that `reference` (an id, an ARN or an alias) means; None for a dangling alias."""
    arn = Arn.parse(reference)
    if arn and (arn.account, arn.region) != (account.account_id, account.region):
        return reference
    name = arn.resource if arn else reference
    if name.startswith("alias/"):
        alias = aliases.by_name.get(AliasName(name))
        return alias.key_id if alias else None
    return key_id_of(name)


def in_account(keys: Iterable[KeyArn], account: Account) -> list[tuple[KeyArn, KeyId]]:
    """The keys of `account` with their ids; other kinds of resource, and ARNs that are none, are left out."""
    found = []
    for key in keys:
        arn = Arn.parse(key)
        if (
            arn
            and (arn.account, arn.region) == (account.account_id, account.region)
            and arn.resource.startswith("key/")
        ):
            found.append((key, key_id_of(key)))
    return found
