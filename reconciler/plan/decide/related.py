"""Related keys of a multi-Region key: where its primary is, where it is to be, and who must be enabled for that.

All have one key id. Which of them is the primary is KMS's to know (`ObservedKey.regions`): a `Key` manifest stands for
the key on its own target, primary or not, and a `ReplicaKey` for that on another.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-manage.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reconciler.model.address import Address
from reconciler.model.desired import DesiredKey
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import DisableRotation, EnableRotation, KeyHandle, RotateOnDemand, UpdatePrimary


@dataclass(frozen=True, slots=True)
class Movement:
    """Of a primary, from one Region to another."""

    before: str
    after: str
    at: TargetName | None
    """Of `before`; None when no target of the run is there."""
    to: TargetName | None
    """Of `after`, likewise."""


def place_of(view: TargetView, region: str) -> TargetName | None:
    """The target that is `region` in the account of `view`."""
    here = view.observed.account
    for name, other in {view.target: view, **view.views}.items():
        there = other.observed.account
        if (there.account_id, there.partition, there.region) == (here.account_id, here.partition, region):
            return name
    return None


def primary_region(view: TargetView, key: ObservedKey | None) -> str:
    """Where the primary of `key` is; a key that is not there yet is made as the primary."""
    if key is not None and key.regions is not None:
        return key.regions.primary
    return view.observed.account.region


def movement(view: TargetView, desired: DesiredKey, key: ObservedKey | None) -> Movement | None:
    """Where the primary goes when `desired` says that it is to be elsewhere; `key` is None when it is to be created."""
    before, after = primary_region(view, key), desired.primary_region
    if after is None or after == before:
        return None
    return Movement(before, after, place_of(view, before), place_of(view, after))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Why the primary cannot be changed: it is where nobody looks, or not as KMS wants it for that."""

    why: str


def move_primary(
    view: TargetView, desired: DesiredKey, key: ObservedKey | None, handle: KeyHandle
) -> Facet | Elsewhere:
    """The primary to where `desired` wants it; `key` is None when it is to be created."""
    move = movement(view, desired, key)
    if move is None:
        return SAME
    if move.at is None:
        return Elsewhere(f"its primary is in {move.before}, {_NOBODY}: add a Target there")
    if move.to is None or not _will_be_there(view, desired, key, move):
        return Elsewhere(f"it has no replica in {move.after}, where its primary is to be: declare a ReplicaKey there")
    field = FieldChange("primaryRegion", move.before, move.after)
    return Facet((field,) if key else (), (UpdatePrimary(handle, move.at, move.to, move.after),))


_NOBODY = "where no target of the run is"


def _will_be_there(view: TargetView, desired: DesiredKey, key: ObservedKey | None, move: Movement) -> bool:
    """Whether there is, or will be, a related key where the primary is to go."""
    if key and key.regions and move.after in key.regions.replicas:
        return True
    return any(replica.address.target == move.to for replica in view.replicas.get(desired.address, ()))


def where_primary_is(view: TargetView, key: ObservedKey, rotation: Facet) -> Facet | Elsewhere:
    """The steps of `rotation` as KMS takes them: from the primary, which a Key's own key need not be."""
    if not key.is_replica or not any(isinstance(step, _OfPrimary) for step in rotation.steps):
        return rotation
    region = primary_region(view, key)
    at = place_of(view, region)
    if at is None:
        return Elsewhere(
            f"KMS takes its rotation from its primary, which is in {region}, {_NOBODY}: add a Target there"
        )
    primary = view.views[at].observed.keys.get(key.key_id)
    if rotates(rotation) and (primary is None or primary.state is not KeyState.ENABLED):
        return Elsewhere(
            f"KMS rotates enabled keys alone, and its primary in {region} is not: enable it, then plan again"
        )
    steps = (replace(step, at=at) if isinstance(step, _OfPrimary) else step for step in rotation.steps)
    return Facet(rotation.fields, tuple(steps))


def rotates(rotation: Facet) -> bool:
    """Whether the key is rotated now."""
    return any(isinstance(step, RotateOnDemand) for step in rotation.steps)


_OfPrimary = EnableRotation | DisableRotation | RotateOnDemand


def must_be_enabled(view: TargetView, desired: DesiredKey, key: ObservedKey) -> bool:
    """Whether the key of a `Key` is to be replicated, or gives or takes the place of primary: KMS wants it enabled."""
    if not desired.multi_region:
        return False
    move = movement(view, desired, key)
    if move and view.target in (move.at, move.to):
        return True
    return not key.is_replica and any(
        _is_missing(view, replica, key) for replica in view.replicas.get(desired.address, ())
    )


def _is_missing(view: TargetView, replica: DesiredKey, key: ObservedKey) -> bool:
    return key.key_id not in view.views[replica.address.target].observed.keys


def moved_by(view: TargetView, key: ObservedKey) -> Address | None:
    """The Key on another target that takes the place of primary away from `key`, the primary; None when none does."""
    return next((by for other in view.views.values() if (by := _mover(other, key.key_id, view.target))), None)


def _mover(view: TargetView, key_id: KeyId, at: TargetName) -> Address | None:
    declared = view.declared_keys.get(view.names.get(key_id, ""))
    if declared is None or declared.primary is not None:
        return None
    move = movement(view, declared, view.lineage(declared.address.name).current)
    return declared.address if move is not None and move.at == at else None
