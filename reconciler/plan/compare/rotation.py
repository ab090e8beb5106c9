"""Rotation by KMS itself and on demand. Manual rotation makes a successor key: see `plan.succession`."""

from __future__ import annotations

from typing import assert_never

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import AutomaticRotation, DesiredKey, ManualRotation, NoRotation, OnDemandRotation
from reconciler.model.keyspec import rotates_by_itself
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import ROTATION_TAG, RotationMark
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.steps import DisableRotation, EnableRotation, ExistingKey, RotateOnDemand

MAX_ON_DEMAND = 25
"""Rotations on demand in the life of a key. Source: API reference, RotateKeyOnDemand."""


def compare_rotation(desired: DesiredKey, observed: ObservedKey) -> Facet:
    """Whether the material rotates as declared; left alone when rotation is not declared or ignored."""
    if desired.rotation is ABSENT or "rotation" in desired.ignore.fields:
        return SAME
    match desired.rotation:
        case AutomaticRotation():
            return _automatic(desired.rotation, observed)
        case NoRotation():
            return _none(desired, observed)
        case OnDemandRotation():
            return _on_demand(desired.rotation, observed)
        case ManualRotation():
            return SAME
        case _:
            assert_never(desired.rotation)


def rotation_mark(desired: DesiredKey, observed: ObservedKey) -> dict[str, str]:
    """The tag that remembers the serial honoured; empty when on-demand rotation is not declared.

    A key that bears no mark takes the declared serial as its beginning: nothing is rotated by surprise.
    """
    if not isinstance(desired.rotation, OnDemandRotation) or "rotation" in desired.ignore.fields:
        return {}
    mark, serial = RotationMark.of(observed.tags), desired.rotation.serial
    if mark is not None and serial <= mark.serial:
        return {ROTATION_TAG: str(mark)}
    count = _count(observed)
    if mark is not None:
        count = max(count, mark.rotations + 1)
    return {ROTATION_TAG: str(RotationMark(serial, count))}


def _automatic(rotation: AutomaticRotation, observed: ObservedKey) -> Facet:
    now = observed.rotation
    if now is not None and now.enabled and now.period == rotation.period:
        return SAME
    before = now.period if now is not None and now.enabled else ABSENT
    return Facet(
        (FieldChange("rotation.automatic.periodDays", before, rotation.period),),
        (EnableRotation(ExistingKey(observed.key_id), rotation.period),),
    )


def _none(desired: DesiredKey, observed: ObservedKey) -> Facet:
    if not rotates_by_itself(desired.key_spec, desired.origin) or not (observed.rotation and observed.rotation.enabled):
        return SAME
    return Facet(
        (FieldChange("rotation.automatic.periodDays", observed.rotation.period, ABSENT),),
        (DisableRotation(ExistingKey(observed.key_id)),),
    )


def _on_demand(rotation: OnDemandRotation, observed: ObservedKey) -> Facet:
    mark = RotationMark.of(observed.tags)
    if mark is None or rotation.serial <= mark.serial:
        return SAME
    field = FieldChange("rotation.onDemand.serial", mark.serial, rotation.serial)
    if _count(observed) > mark.rotations:
        return Facet((field,))  # it was rotated, and only the mark was not written yet
    return Facet((field,), (RotateOnDemand(ExistingKey(observed.key_id), mark.rotations),))


def _count(observed: ObservedKey) -> int:
    return (observed.rotation.on_demand_rotations or 0) if observed.rotation else 0
