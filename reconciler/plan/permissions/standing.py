"""What declared resources can take in their whole life: creation, every change, drift put right, and their end.

For whoever keeps them true without a person who prints a policy for each change: the operator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptReplica,
    AdoptTags,
    AutomaticRotation,
    DesiredAlias,
    DesiredGrant,
    DesiredKey,
    DesiredState,
    ExternalKey,
    ExternalPrimary,
    ManagedKey,
    ManualRotation,
    NoRotation,
    PrimaryReference,
)
from reconciler.model.identifiers import TargetName
from reconciler.model.keyspec import rotates_by_itself
from reconciler.model.material import has_several_materials
from reconciler.model.observed import Account
from reconciler.model.scope import Scope, scope_of
from reconciler.plan.permissions.needs import ANYTHING, Need, Resource
from reconciler.plan.permissions.place import Place
from reconciler.plan.permissions.policy import document
from reconciler.plan.permissions.reading import retiring_lists
from reconciler.plan.permissions.steps import (
    alias_needs,
    creation_needs,
    deletion_need,
    grant_need,
    import_needs,
    policy_need,
    primary_needs,
    replication_needs,
    rotation_needs,
    store_needs,
)


def standing_permissions(desired: DesiredState, accounts: Mapping[TargetName, Account]) -> dict[str, Any]:
    """An IAM policy document, JSON-shaped, for the stack of `desired`, whatever its keys are like at a moment."""
    return document(standing_needs(desired, accounts))


def standing_needs(desired: DesiredState, accounts: Mapping[TargetName, Account]) -> Iterator[Need]:
    """What is in that document, one by one; some of it makes some of it needless."""
    return _Life(desired, {name: Place(account, desired.stack) for name, account in accounts.items()}).needs()


@dataclass(frozen=True, slots=True)
class _Life:
    desired: DesiredState
    places: Mapping[TargetName, Place]

    def needs(self) -> Iterator[Need]:
        for name, scope in scope_of(self.desired).items():
            yield from _sweeps(self.places[name], scope)
        for store in self.desired.stores:
            account = self.places[store.address.target].account
            for operation, backing in (("Create", store.backing), ("Update", store.backing), *_CONNECTION):
                yield from store_needs(account, f"{operation}CustomKeyStore", backing)
        for key in self.desired.keys:
            yield from self._key(key)
        for alias in self.desired.aliases:
            yield from self._alias(alias)
        for grant in self.desired.grants:
            yield from self._grant(grant)

    def _key(self, key: DesiredKey) -> Iterator[Need]:
        place = self.places[key.address.target]
        if key.primary is None:
            yield from creation_needs(place, multi_region=key.multi_region)
        else:
            yield from self._replica(key.primary, place)
        for one in (place.ours, *_adopted(place, key)):
            yield from (Need(f"kms:{action}", one) for action in _upkeep(key))
            yield from _content(key, one)
            yield from self._turning(key, one)

    def _replica(self, primary: PrimaryReference, place: Place) -> Iterator[Need]:
        there, original = self._primary(primary)
        yield from (Need(f"kms:{action}", original) for action in _LOOKING)
        yield from replication_needs(place, original)
        for to, away in ((place, there), (there, place)):
            yield from primary_needs(((there, original), (place, place.ours)), to.account.region) if to != away else ()

    def _primary(self, primary: PrimaryReference) -> tuple[Place, Resource]:
        match primary:
            case ManagedKey(address):
                return self.places[address.target], self.places[address.target].ours
            case ExternalPrimary(target, key):
                return self.places[target], _external(self.places[target], ExternalKey(key))
            case _:
                assert_never(primary)

    def _turning(self, key: DesiredKey, one: Resource) -> Iterator[Need]:
        """Rotation, which KMS takes from the primary, wherever that is."""
        related = [other for other in self.desired.keys if isinstance(other.primary, ManagedKey)]
        elsewhere = (
            self.places[other.address.target].ours
            for other in related
            if isinstance(other.primary, ManagedKey) and other.primary.address == key.address
        )
        for where in (one, *elsewhere):
            yield from _rotation(key, where)

    def _alias(self, alias: DesiredAlias) -> Iterator[Need]:
        place = self.places[alias.address.target]
        keys = self._meant(place, alias)
        behind = place.behind((alias.name,))
        yield from alias_needs(place, "CreateAlias", alias.name, keys)
        yield from alias_needs(place, "UpdateAlias", alias.name, (*keys, behind))
        yield from alias_needs(place, "DeleteAlias", alias.name, (behind,))
        yield from (Need(f"kms:{action}", on) for action in _LOOKING for on in (*keys, behind))
        yield Need("kms:GetKeyLastUsage", behind)

    def _grant(self, grant: DesiredGrant) -> Iterator[Need]:
        for key in self._meant(self.places[grant.address.target], grant):
            yield grant_need(key, grant.terms)
            yield from (Need(f"kms:{action}", key) for action in ("RevokeGrant", "ListGrants", *_LOOKING))

    def _meant(self, place: Place, resource: DesiredAlias | DesiredGrant) -> tuple[Resource, ...]:
        """What its key is known by: the stack's tag, or what it has before it is adopted."""
        if not isinstance(resource.key, ManagedKey):
            return (_external(place, resource.key),)
        address = resource.key.address
        declared = (key for key in self.desired.keys if key.address == address)
        return place.ours, *(one for key in declared for one in _adopted(place, key))


_CONNECTION = (("Connect", None), ("Disconnect", None))
_LOOKING = ("DescribeKey", "ListResourceTags")


def _sweeps(place: Place, scope: Scope) -> Iterator[Need]:
    yield from (Need(action, ANYTHING) for action in ("kms:ListAliases", "tag:GetResources"))
    if scope.keys:
        yield from (Need(f"kms:{action}", place.ours) for action in _LOOKING)
        yield Need("kms:ListKeys", ANYTHING)
    if any(retiring_lists(place.account, scope)):
        yield Need("kms:ListRetirableGrants", ANYTHING)
    if scope.stores:
        yield Need("kms:DescribeCustomKeyStores", ANYTHING)


def _external(place: Place, key: ExternalKey) -> Resource:
    named = place.named(key.key)
    return named if named is not None else place.behind((_alias_name(key.key),))


def _alias_name(reference: str) -> Any:
    return "alias/" + reference.partition("alias/")[2]


def _adopted(place: Place, key: DesiredKey) -> Iterator[Resource]:
    """How the key is known before it has the stack's tag."""
    match key.adopt:
        case AdoptKeyId(reference) | AdoptAlias(reference):
            yield _external(place, ExternalKey(reference))
        case AdoptTags(tags):
            yield place.tagged(tags)
        case AdoptReplica():
            yield replace(place.every, condition=(("StringEquals", "kms:MultiRegionKeyType", ("REPLICA",)),))
        case None:
            pass
        case _:
            assert_never(key.adopt)


def _upkeep(key: DesiredKey) -> Iterator[str]:
    """What any key can take: tags of kmsctl, its state, and what becomes of it without its manifest."""
    yield from (*_LOOKING, "TagResource", "CancelKeyDeletion", "EnableKey")
    closes = key.enabled is False or (isinstance(key.rotation, ManualRotation) and key.rotation.keep is not None)
    if closes:
        yield "DisableKey"
    if closes or _ends(key) or (key.material is not None and key.material.valid_to is not None):
        yield "GetKeyLastUsage"
    if key.deletion.policy == "Retain":
        yield "UntagResource"
    if key.description is not ABSENT and "description" not in key.ignore.fields:
        yield "UpdateKeyDescription"
    if isinstance(key.policy, str) and "policy" not in key.ignore.fields:
        yield "GetKeyPolicy"


def _ends(key: DesiredKey) -> bool:
    """Whether its deletion is scheduled when its manifest is gone."""
    return key.deletion.policy == "Schedule" and not key.deletion.protect


def _content(key: DesiredKey, one: Resource) -> Iterator[Need]:
    if isinstance(key.policy, str) and "policy" not in key.ignore.fields:
        yield policy_need(one)
    if _ends(key):
        yield deletion_need(one, key.deletion.window)
    if key.material is not None:
        yield from import_needs(one, looks=has_several_materials(key.key_spec))


def _rotation(key: DesiredKey, where: Resource) -> Iterator[Need]:
    if key.serial is not None and "rotation" not in key.ignore.fields:
        yield from rotation_needs(where)
    if isinstance(key.rotation, AutomaticRotation):
        yield Need("kms:EnableKeyRotation", where)  # also when it is others' afterwards: a key begins as it is declared
    if not isinstance(key.rotation, AutomaticRotation | NoRotation) or "rotation" in key.ignore.fields:
        return
    if rotates_by_itself(key.key_spec, key.origin):
        yield Need("kms:GetKeyRotationStatus", where)
        if isinstance(key.rotation, NoRotation):
            yield Need("kms:DisableKeyRotation", where)
