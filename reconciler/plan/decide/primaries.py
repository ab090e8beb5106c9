"""The primary that a declared replica is made of: which key it is, where it is, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from reconciler.model.address import Address
from reconciler.model.desired import DesiredKey, ExternalPrimary, ManagedKey, PrimaryReference
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.keyspec import KeyState, Origin
from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import Action, Change, FieldChange
from reconciler.plan.decide.creation import Source
from reconciler.plan.decide.handles import handle_of
from reconciler.plan.decide.related import place_of, primary_region
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import ExistingKey, KeyHandle


@dataclass(frozen=True, slots=True)
class NoPrimary:
    """Why there is no primary to make replicas of."""

    why: str
    fields: tuple[FieldChange, ...] = ()
    """Of the primary, those that are not as declared."""


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """The key that a replica is of. All related keys have its id."""

    handle: KeyHandle
    called: str
    """`Key/orders`, or its ARN."""
    at: TargetName | None
    """Where the primary is, from where alone it can be replicated; None when no target of the run is there."""
    key: ObservedKey | None = None
    """As it was read; None when it is to be created."""
    change: Change | None = None
    """Of the declared Key."""
    earlier: frozenset[KeyId] = field(default_factory=frozenset)
    """Keys that had the primary's name before."""
    waits: str = ""
    """Why it cannot be replicated yet, without being anybody's fault."""

    @property
    def hindrance(self) -> str:
        """Why it cannot be replicated; empty when it can be."""
        if self.at is None:
            region = self.key.regions.primary if self.key and self.key.regions else "another Region"
            return f"the primary of {self.called} is in {region}, where no target of the run is: add a Target there"
        if self.change is None and self.key is not None and self.key.state is not KeyState.ENABLED:
            return f"KMS replicates enabled primaries alone, and {self.called} is {self.key.state}"
        return ""

    @property
    def depends_on(self) -> tuple[Address, ...]:
        """The changes that a replica waits for, and that wait for it in the end."""
        return (self.change.address,) if self.change is not None else ()

    def is_in(self, region: str) -> bool:
        """Whether KMS says that one of the related keys is in `region`."""
        regions = self.key.regions if self.key else None
        return regions is not None and region in (regions.primary, *regions.replicas)

    def source(self, region: str) -> Source:
        """For a replica in `region`; nothing must hinder it."""
        return Source(self.handle, self.at or TargetName(""), region)


def primary_for(
    view: TargetView, desired: DesiredKey, primary: PrimaryReference, changes: Mapping[Address, Change]
) -> PrimaryKey | NoPrimary:
    """What `primary` means, of which `desired` is a replica; `changes` are those of the current keys of Keys."""
    match primary:
        case ManagedKey(address):
            return _managed(view.views[address.target], address, changes[address])
        case ExternalPrimary(target, key):
            return _external(view.views[target], desired, key)
        case _:
            assert_never(primary)


def _managed(view: TargetView, address: Address, change: Change) -> PrimaryKey | NoPrimary:
    handle = handle_of(change)
    if handle is None:
        return NoPrimary(f"{address} is not there, and none is planned: see what blocks it")
    succeeded = change.action is Action.REPLACE
    lineage = view.lineage(address.name)
    older = lineage.all() if succeeded else (*lineage.superseded, *lineage.twins)
    key = view.key_of(handle.key) if isinstance(handle, ExistingKey) else None
    at = place_of(view, primary_region(view, key))
    waits = _WAITS.format(address) if view.lacks_material(handle) else ""
    return PrimaryKey(handle, str(address), at, key, change, frozenset(k.key_id for k in older), waits)


_WAITS = "{} has no key material yet, and KMS does not replicate it before the import: plan again then"


def _external(view: TargetView, desired: DesiredKey, reference: str) -> PrimaryKey | NoPrimary:
    key = view.external(reference)
    if key is None:
        return NoPrimary(f"there is no key {reference} in its account and Region, or it cannot be read")
    if not key.multi_region:
        return NoPrimary(f"key {reference} is no multi-Region key")
    fields = _differing(desired, key)
    if fields:
        return NoPrimary("declare under `primary` what it is: roles are compiled for that", fields)
    at = place_of(view, primary_region(view, key))
    waits = _WAITS.format(f"key {reference}") if key.origin is Origin.EXTERNAL and not key.material else ""
    return PrimaryKey(ExistingKey(key.key_id), reference, at, key, waits=waits)


def _differing(desired: DesiredKey, key: ObservedKey) -> tuple[FieldChange, ...]:
    pairs = (
        ("primary.keySpec", str(key.key_spec), str(desired.key_spec)),
        ("primary.keyUsage", str(key.key_usage), str(desired.key_usage)),
        ("primary.origin", str(key.origin), str(desired.origin)),
    )
    return tuple(FieldChange(path, before, after) for path, before, after in pairs if before != after)
