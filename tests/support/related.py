"""Hypothesis strategies for related keys of a multi-Region key: declared replicas, and what is there of them.

Whatever is drawn is consistent as KMS is: related keys have one id and one nature, each in a Region of its own, and
all say the same of who is the primary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import strategies as st

from reconciler.kit.absent import ABSENT
from reconciler.kit.arn import key_arn
from reconciler.model.address import Address, Kind
from reconciler.model.desired import AdoptReplica, DesiredKey, ExternalPrimary, ManagedKey, ManualRotation
from reconciler.model.identifiers import KeyArn, KeyId, TargetName
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import Account, ObservedKey, ObservedTarget, Regions
from reconciler.model.ownership import Ownership

SUFFIX = "-r"
"""Of the names of replicas, behind those of their primaries."""

Targets = dict[TargetName, ObservedTarget]


@st.composite
def with_replicas(
    draw: st.DrawFn, key: DesiredKey, like: DesiredKey, accounts: Mapping[TargetName, Account]
) -> tuple[DesiredKey, ...]:
    """The Key `key` and, if it can have some, its replicas on the other targets, which are themselves as `like` is."""
    if not key.multi_region:
        return (key,)
    others = [target for target in accounts if target != key.address.target and draw(st.integers(0, 3))]
    regions = [accounts[target].region for target in (key.address.target, *others)]
    primary = replace(key, primary_region=draw(st.sampled_from((None, None, *regions))))
    return (primary, *(draw(_replica(primary, like, target)) for target in others))


@st.composite
def _replica(draw: st.DrawFn, primary: DesiredKey, like: DesiredKey, target: TargetName) -> DesiredKey:
    name = primary.address.name + SUFFIX
    return replace(
        primary,
        address=Address(Kind.REPLICA_KEY, name, target),
        primary=ManagedKey(primary.address),
        primary_region=None,
        description=like.description,
        enabled=like.enabled,
        policy=like.policy,
        rotation=primary.rotation if isinstance(primary.rotation, ManualRotation) else ABSENT,
        tags=like.tags,
        deletion=like.deletion,
        ignore=like.ignore,
        adopt=draw(st.sampled_from((None, None, None, AdoptReplica()))),
        replacement="Forbid",
    )


def external_replica(like: DesiredKey, nature: ObservedKey, primary: ExternalPrimary) -> DesiredKey:
    """A replica of a primary that no manifest declares, said to be as `nature`, and otherwise as `like`."""
    return replace(
        like,
        address=replace(like.address, kind=Kind.REPLICA_KEY, name=like.address.name + SUFFIX),
        key_spec=nature.key_spec,
        key_usage=nature.key_usage,
        origin=nature.origin,
        multi_region=True,
        primary=primary,
        rotation=ABSENT,
        material=None,
        adopt=None,
        replacement="Forbid",
    )


@st.composite
def replica_owners(draw: st.DrawFn, replica: DesiredKey, stack: str) -> Ownership | None:
    """Whose a replica that is there is: mostly that of its manifest, at times nobody's."""
    owner = Ownership(stack, replica.address.name, draw(st.integers(1, 3)))
    return draw(st.sampled_from((owner, owner, owner, owner, None)))


def as_replica(key: ObservedKey, of: ObservedKey, account: Account) -> ObservedKey:
    """`key` with the id and the nature of `of`, in another Region."""
    imported = not of.material or key.state is KeyState.PENDING_IMPORT
    state = KeyState.ENABLED if key.state is KeyState.PENDING_IMPORT else key.state
    return replace(
        key,
        key_id=of.key_id,
        arn=KeyArn(key_arn(account.region, account.account_id, of.key_id)),
        key_spec=of.key_spec,
        key_usage=of.key_usage,
        origin=of.origin,
        multi_region=True,
        material=of.material,
        state=KeyState.PENDING_IMPORT if imported and not key.pending_deletion and not of.material else state,
        rotation=None,
    )


@st.composite
def related(draw: st.DrawFn, targets: Targets) -> Targets:
    """`targets` with every multi-Region key told where its related keys are, one of which is the primary."""
    places: dict[KeyId, list[TargetName]] = {}
    for name, target in targets.items():
        for key in target.keys.values():
            if key.multi_region:
                places.setdefault(key.key_id, []).append(name)
    found = {name: dict(target.keys) for name, target in targets.items()}
    for key_id, names in places.items():
        primary = draw(st.sampled_from(names))
        regions = [targets[name].account.region for name in names if name != primary]
        where = Regions(targets[primary].account.region, tuple(sorted(regions)))
        told = [_told(found[name][key_id], where) for name in names]
        for name, key in zip(names, draw(_alike(told)), strict=True):
            found[name][key_id] = key
    return {name: replace(target, keys=found[name]) for name, target in targets.items()}


@st.composite
def _alike(draw: st.DrawFn, keys: list[ObservedKey]) -> list[ObservedKey]:
    """Related `keys` with the same material pending, if they can have several: it came to the primary first."""
    primary = next((key for key in keys if not key.is_replica), keys[0])
    pending = primary.materials.pending if primary.materials else None
    made = []
    for key in keys:
        if key.materials is not None:
            own = replace(pending, imported=key is primary or draw(st.booleans())) if pending else None
            key = replace(key, materials=replace(key.materials, pending=own))
        made.append(key)
    held = [key.materials for key in made if key.materials is not None]
    awaited = any(one.pending is not None and not one.pending.imported for one in held)
    return [replace(key, materials=replace(key.materials, awaited=awaited)) if key.materials else key for key in made]


def _told(key: ObservedKey, regions: Regions) -> ObservedKey:
    told = replace(key, regions=regions)
    if key.pending_deletion and regions.replicas and not told.is_replica:
        return replace(told, state=KeyState.PENDING_REPLICA_DELETION, deletion_date=None)
    return told
