"""What planning one target looks at: what is declared there, what is there, and which key each name means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import assert_never

from reconciler.kit.arn import Arn
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    DesiredAlias,
    DesiredGrant,
    DesiredKey,
    DesiredState,
    ExternalKey,
    ExternalPrimary,
    ManagedKey,
    PrimaryReference,
)
from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.model.observed import ObservedGrant, ObservedKey, ObservedState, ObservedTarget
from reconciler.model.ownership import GrantName
from reconciler.model.stores import DesiredStore, ObservedStore
from reconciler.plan.compare.immutable import compare_immutable
from reconciler.plan.compare.material import awaits_import, lacks_material
from reconciler.plan.decide.lineage import Lineage, focused, lineages
from reconciler.plan.options import PlanOptions
from reconciler.plan.steps import ExistingKey, KeyHandle, PlannedKey


@dataclass(frozen=True)
class TargetView:
    """Everything that planning one target looks at. Lookups are built once and cost O(1) afterwards."""

    target: TargetName
    observed: ObservedTarget
    desired: DesiredState
    options: PlanOptions
    keys: tuple[DesiredKey, ...] = ()
    aliases: tuple[DesiredAlias, ...] = ()
    grants: tuple[DesiredGrant, ...] = ()
    stores: tuple[DesiredStore, ...] = ()
    lineages: Mapping[str, Lineage] = field(default_factory=dict)
    views: Mapping[TargetName, TargetView] = field(default_factory=dict, repr=False, compare=False)
    """Those of every target, itself among them: related keys of a multi-Region key are on several."""

    @classmethod
    def of(
        cls,
        target: TargetName,
        observed: ObservedTarget,
        desired: DesiredState,
        options: PlanOptions,
        views: Mapping[TargetName, TargetView] | None = None,
    ) -> TargetView:
        """The view of `target`; see `views_of`."""
        return cls(
            target,
            observed,
            desired,
            options,
            tuple(key for key in desired.keys if key.address.target == target),
            tuple(alias for alias in desired.aliases if alias.address.target == target),
            tuple(grant for grant in desired.grants if grant.address.target == target),
            tuple(store for store in desired.stores if store.address.target == target),
            lineages(observed.keys.values(), desired.stack),
            {} if views is None else views,
        )

    @property
    def stack(self) -> str:
        """The stack that is planned."""
        return self.desired.stack

    def lineage(self, name: str) -> Lineage:
        """The keys called `name`. Of a replica, the current one is that of its primary, whatever generations say."""
        lineage = self.lineages.get(name, Lineage())
        declared = self.declared_keys.get(name)
        if declared is None or declared.primary is None or lineage.current is None:
            return lineage
        return focused(lineage, self._primary_id(declared.primary))

    def _primary_id(self, primary: PrimaryReference) -> KeyId | None:
        view = self.views[primary.address.target if isinstance(primary, ManagedKey) else primary.target]
        if isinstance(primary, ManagedKey):
            key = view.lineages.get(primary.address.name, Lineage()).current
        else:
            key = view.external(primary.key)
        return key.key_id if key else None

    def external(self, reference: str) -> ObservedKey | None:
        """The key that `reference` (id, ARN, alias name or alias ARN) means, if it was found.

        An alias of another account means none: KMS takes other accounts' keys by key ARN alone where it matters here.
        """
        if reference.startswith("alias/"):
            alias = self.observed.aliases.get(AliasName(reference))
            return self.observed.keys.get(alias.key_id) if alias and alias.key_id else None
        arn = Arn.parse(reference)
        if arn is None:
            return self.observed.keys.get(KeyId(reference))
        if arn.resource.startswith("alias/"):
            return self.external(arn.resource) if self._is_here(arn) else None
        key = self.observed.keys.get(KeyId(arn.resource.removeprefix("key/")))
        return key if key is not None and key.arn == reference else None

    def owns(self, key: ObservedKey) -> bool:
        """Whether `key` is of this target's account and Region, and not another's that a manifest names."""
        arn = Arn.parse(key.arn)
        return arn is not None and self._is_here(arn)

    def _is_here(self, arn: Arn) -> bool:
        account = self.observed.account
        return (arn.account, arn.region) == (account.account_id, account.region)

    def key_of(self, handle: str) -> ObservedKey | None:
        """The key with this id or ARN, as a step names it."""
        return self.observed.keys.get(KeyId(handle.rpartition("/")[2]))

    def lacks_material(self, handle: KeyHandle) -> bool:
        """Whether a key whose material comes from outside will have none, or not all, when the plan is done."""
        match handle:
            case ExistingKey(key_id):
                key = self.key_of(key_id)
                return key is not None and lacks_material(self._declared_as(key), key, self.observed.read_at)
            case PlannedKey(address, _):
                declared = self.declared_keys[address.name]
                return awaits_import(declared, self.observed.read_at) or self._has_earlier_material(declared)
            case _:
                assert_never(handle)

    def _has_earlier_material(self, declared: DesiredKey) -> bool:
        """Whether a replica that is to be made will lack material to which its Key was rotated, or from which."""
        if not isinstance(declared.primary, ManagedKey):
            return False
        view, name = self.views[declared.primary.address.target], declared.primary.address.name
        primary, key = view.lineage(name).current, view.declared_keys[name]
        if primary is None or primary.materials is None or compare_immutable(key, primary, view.store_of(key)):
            return False  # there is none, or it has a successor, with material of its own
        return bool(primary.materials.earlier or primary.materials.missing)

    def store_of(self, desired: DesiredKey) -> ObservedStore | None:
        """The custom key store that a declared key is to be in, if it is there."""
        return self.observed.stores.get(desired.store.name) if desired.store else None

    def _declared_as(self, key: ObservedKey) -> DesiredKey | None:
        """What is declared of a key that is the current one of its name."""
        name = self.names.get(key.key_id)
        return self.declared_keys.get(name) if name and self.lineage(name).current is key else None

    def address(self, kind: Kind, name: str) -> Address:
        """An address on this target."""
        return Address(kind, name, self.target)

    def key_address(self, name: str) -> Address:
        """The address of the keys called `name`; of those that no manifest declares, by what KMS says they are."""
        declared = self.declared_keys.get(name)
        if declared is not None:
            return declared.address
        current = self.lineage(name).current
        return self.address(Kind.REPLICA_KEY if current and current.is_replica else Kind.KEY, name)

    @cached_property
    def declared_keys(self) -> Mapping[str, DesiredKey]:
        """The declared keys by name."""
        return {key.address.name: key for key in self.keys}

    @cached_property
    def replicas(self) -> Mapping[Address, tuple[DesiredKey, ...]]:
        """The declared replicas of every Key of the stack that has some, on whichever target they are."""
        found: defaultdict[Address, list[DesiredKey]] = defaultdict(list)
        for key in self.desired.keys:
            if isinstance(key.primary, ManagedKey):
                found[key.primary.address].append(key)
        return {address: tuple(replicas) for address, replicas in found.items()}

    @cached_property
    def names(self) -> Mapping[KeyId, str]:
        """The name of every key of the stack."""
        return {key.key_id: name for name, lineage in self.lineages.items() for key in lineage.all()}

    @cached_property
    def referred(self) -> Mapping[KeyId, Address]:
        """Keys that aliases, grants and replicas name by id, ARN or alias, with one of those that do."""
        resources: list[DesiredAlias | DesiredGrant] = [*self.aliases, *self.grants]
        found: dict[KeyId, Address] = {}
        for replica in self.desired.keys:
            if isinstance(replica.primary, ExternalPrimary) and replica.primary.target == self.target:
                primary = self.external(replica.primary.key)
                if primary is not None:
                    found.setdefault(primary.key_id, replica.address)
        for resource in resources:
            key = self.external(resource.key.key) if isinstance(resource.key, ExternalKey) else None
            if key is not None:
                found.setdefault(key.key_id, resource.address)
        return found

    @cached_property
    def declared_aliases(self) -> frozenset[AliasName]:
        """The names of all declared aliases."""
        return frozenset(alias.name for alias in self.aliases)

    @cached_property
    def aliases_of(self) -> Mapping[KeyId, tuple[AliasName, ...]]:
        """The real aliases of each key, sorted."""
        found: defaultdict[KeyId, list[AliasName]] = defaultdict(list)
        for alias in self.observed.aliases.values():
            if alias.key_id is not None:
                found[alias.key_id].append(alias.name)
        return {key_id: tuple(sorted(names)) for key_id, names in found.items()}

    def grants_on(self, address: Address, key: ObservedKey | None) -> tuple[DesiredGrant, ...]:
        """The grants that are declared on the key at `address`, by its manifest's name or by that of the real `key`."""
        by_id = self._grants_by_id.get(key.key_id, ()) if key is not None else ()
        return (*self._grants_by_name.get(address, ()), *by_id)

    @cached_property
    def _grants_by_name(self) -> Mapping[Address, list[DesiredGrant]]:
        found: defaultdict[Address, list[DesiredGrant]] = defaultdict(list)
        for grant in self.grants:
            if isinstance(grant.key, ManagedKey):
                found[grant.key.address].append(grant)
        return found

    @cached_property
    def _grants_by_id(self) -> Mapping[KeyId, list[DesiredGrant]]:
        found: defaultdict[KeyId, list[DesiredGrant]] = defaultdict(list)
        for grant in self.grants:
            key = self.external(grant.key.key) if isinstance(grant.key, ExternalKey) else None
            if key is not None:
                found[key.key_id].append(grant)
        return found

    def grant_name(self, grant: DesiredGrant) -> str:
        """What `grant` is called in KMS."""
        return self._grant_names[grant.address]

    @cached_property
    def _grant_names(self) -> Mapping[Address, str]:
        return {
            grant.address: str(GrantName.naming(self.stack, grant.address.name, grant.terms.digest()))
            for grant in self.grants
        }

    @cached_property
    def own_grants(self) -> Mapping[str, tuple[ObservedGrant, ...]]:
        """The grants of this stack by name, on whichever key they are."""
        found: defaultdict[str, list[ObservedGrant]] = defaultdict(list)
        for key in self.observed.keys.values():
            for grant in key.grants or ():
                name = GrantName.of(grant.name)
                if name and name.stack == self.stack:
                    found[name.name].append(grant)
        return {name: tuple(sorted(grants, key=lambda g: (g.key_id, g.grant_id))) for name, grants in found.items()}


def views_of(observed: ObservedState, desired: DesiredState, options: PlanOptions) -> Mapping[TargetName, TargetView]:
    """A view of every target, each of which sees the others."""
    views: dict[TargetName, TargetView] = {}
    for name, target in observed.targets.items():
        views[name] = TargetView.of(name, target, desired, options, views)
    return views
