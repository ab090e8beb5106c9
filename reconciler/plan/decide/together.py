"""Rotation of a Key to new imported material, which every related key must have before KMS rotates the primary.

New material comes to the primary first, wherever that is, as a step of the Key. Then each other key gets it by an
import of its own, the Key's own key among them when it is a replica; those of ReplicaKeys in changes of their own. When
they are prepared, the Key rotates.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.model.desired import DesiredKey
from reconciler.model.material import ImportedMaterial
from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import Change
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.compare.material import (
    awaited_step,
    compare_material,
    compare_related,
    is_missing,
    new_step,
    source_field,
)
from reconciler.plan.compare.rotation import awaits_rotation, compare_rotation
from reconciler.plan.decide.related import Elsewhere, place_of, primary_region, rotates, where_primary_is
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import ImportMaterial, RotateOnDemand


@dataclass(frozen=True, slots=True)
class Turn:
    """What a Key does about its material and its rotation."""

    material: Facet
    rotation: Facet
    together: bool = False
    """Whether it rotates once its related keys have the new material."""


def turn_of(view: TargetView, desired: DesiredKey, observed: ObservedKey) -> Turn | Elsewhere:
    """Of the key of a `Key` that is there."""
    now = view.observed.read_at
    rotation = where_primary_is(view, observed, compare_rotation(desired, observed, now))
    if isinstance(rotation, Elsewhere):
        return rotation
    material = compare_material(desired, observed, now)
    if desired.material is None or not rotates(rotation) or not _has_related(view, desired, observed):
        return Turn(material, rotation)
    why = next(_hindrances(view, desired, observed), "")
    if why:
        return Elsewhere(why)
    steps = (replace(step, together=True) if isinstance(step, RotateOnDemand) else step for step in rotation.steps)
    imports = Facet((source_field(desired.material),), tuple(_imports(view, desired, desired.material, observed)))
    return Turn(imports, Facet(rotation.fields, tuple(steps)), together=True)


def material_of_replica(view: TargetView, desired: DesiredKey, observed: ObservedKey, of: Change | None) -> Facet:
    """What is imported into the key of a ReplicaKey; `of` is the change of its Key.

    While the source has material that the Key is not rotated to yet, nothing else is imported from it.
    """
    if desired.material is None:
        return SAME
    if turns(of):
        return compare_related(desired, desired.material, observed) if observed.is_replica else SAME
    if of is not None and _awaits(view.views[of.address.target], of):
        return SAME
    return compare_material(desired, observed, view.observed.read_at)


def turns(of: Change | None) -> bool:
    """Whether the change `of` a Key rotates it once its related keys have the new material."""
    return of is not None and any(isinstance(step, RotateOnDemand) and step.together for step in of.steps)


def _awaits(view: TargetView, of: Change) -> bool:
    """Whether the Key of the change `of` is still to be rotated to what its source has."""
    key = view.lineage(of.address.name).current
    return key is not None and awaits_rotation(view.declared_keys[of.address.name], key)


def _imports(
    view: TargetView, desired: DesiredKey, wanted: ImportedMaterial, observed: ObservedKey
) -> Iterator[ImportMaterial]:
    at = place_of(view, primary_region(view, observed))
    if not observed.is_replica or at is None:
        yield new_step(desired, wanted, observed)
        return
    yield replace(new_step(desired, wanted, view.views[at].observed.keys[observed.key_id]), at=at)
    yield awaited_step(desired, wanted, observed)


def _has_related(view: TargetView, desired: DesiredKey, observed: ObservedKey) -> bool:
    return bool(view.replicas.get(desired.address)) or bool(_regions(observed))


def _regions(observed: ObservedKey) -> tuple[str, ...]:
    """Where the other related keys are."""
    known = observed.regions
    return tuple(sorted({known.primary, *known.replicas} - {observed.region})) if known else ()


def _hindrances(view: TargetView, desired: DesiredKey, observed: ObservedKey) -> Iterator[str]:
    """Why related keys cannot all have the new material when the plan is done."""
    declared = {
        view.views[replica.address.target].observed.account.region: replica
        for replica in view.replicas.get(desired.address, ())
    }
    for replica in declared.values():
        key = view.views[replica.address.target].observed.keys.get(observed.key_id)
        if key is None:
            yield f"{replica.address} is not there yet, {_OLD_FIRST}"
        elif is_missing(key):
            yield f"{replica.address} lacks its current material, {_OLD_FIRST}"
    held = observed.materials
    if held is None or held.pending is None or held.awaited:
        yield from (f"{_TOGETHER} {region}: {_BY_HAND}" for region in _regions(observed) if region not in declared)


_OLD_FIRST = (
    "and the raised serial says that the source has another: give it the old one with the old serial, apply, and then "
    "rotate"
)
_TOGETHER = "KMS rotates once every related key has the new material, and no ReplicaKey declares that in"
_BY_HAND = "declare it, or import the new material by hand there and into the primary"
