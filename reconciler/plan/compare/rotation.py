"""Rotation by KMS itself and on demand. Manual rotation makes a successor key: see `plan.decide.succession`."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import AutomaticRotation, DesiredKey, ManualRotation, NoRotation, OnDemandRotation
from reconciler.model.keyspec import KeyState, rotates_by_itself
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import ROTATION_TAG, RotationMark
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.steps import DisableRotation, EnableRotation, ExistingKey, RotateOnDemand, Step, TagKey

MAX_ON_DEMAND = 25
"""Rotations on demand in the life of a key. Source: API reference, RotateKeyOnDemand."""

_NOT_YET = frozenset({KeyState.CREATING, KeyState.UPDATING, KeyState.PENDING_IMPORT, KeyState.UNAVAILABLE})
"""States in which no material can be rotated, and which no step of ours ends."""


def compare_rotation(desired: DesiredKey, observed: ObservedKey, now: datetime) -> Facet:
    """Whether the material rotates as declared; left alone when rotation is not declared or ignored."""
    if "rotation" in desired.ignore.fields:
        return SAME
    if desired.material is not None and desired.serial is not None:
        over = desired.material.is_over(now)
        return SAME if over else _on_demand(desired, desired.serial, observed, "importedMaterial.serial")
    if desired.rotation is ABSENT:
        return SAME
    match desired.rotation:
        case AutomaticRotation():
            return _automatic(desired.rotation, observed)
        case NoRotation():
            return _none(desired, observed)
        case OnDemandRotation(serial):
            return _on_demand(desired, serial, observed, "rotation.onDemand.serial")
        case ManualRotation():
            return SAME
        case _:
            assert_never(desired.rotation)


def rotation_mark(desired: DesiredKey, observed: ObservedKey, now: datetime) -> dict[str, str]:
    """The tag that remembers the serial honoured; empty when no serial is declared.

    A key that bears no mark takes the declared serial as its beginning: nothing is rotated by surprise. So does one
    that never had material: what is imported first is what the serial stands for.
    """
    serial = desired.serial
    if serial is None or "rotation" in desired.ignore.fields:
        return {}
    mark = RotationMark.of(observed.tags)
    if mark is None or _awaits_its_first(desired, observed):
        return {ROTATION_TAG: str(RotationMark(serial, _count(observed, 0)))}
    over = desired.material is not None and desired.material.is_over(now)
    if over or not is_due(desired, observed) or not can_rotate(observed):
        return {ROTATION_TAG: str(mark)}
    count = _count(observed, mark.rotations)
    honoured = _is_honoured(serial, mark, count)
    return {ROTATION_TAG: str(RotationMark(serial, count if honoured else count + 1))}


def is_due(desired: DesiredKey, observed: ObservedKey) -> bool:
    """Whether the serial was raised since it was last honoured."""
    mark = RotationMark.of(observed.tags)
    if desired.serial is None or mark is None or "rotation" in desired.ignore.fields:
        return False
    return desired.serial > mark.serial and not _awaits_its_first(desired, observed)


def awaits_rotation(desired: DesiredKey, observed: ObservedKey) -> bool:
    """Whether a rotation is due and has not happened yet, whatever its mark says."""
    mark = RotationMark.of(observed.tags)
    if mark is None or desired.serial is None or not is_due(desired, observed):
        return False
    return not _is_honoured(desired.serial, mark, _count(observed, mark.rotations))


def _awaits_its_first(desired: DesiredKey, observed: ObservedKey) -> bool:
    held = observed.materials
    return desired.material is not None and not observed.material and (held is None or held.current is None)


def _automatic(rotation: AutomaticRotation, observed: ObservedKey) -> Facet:
    now = observed.rotation
    if now is not None and now.enabled and now.period in (rotation.period, None):
        return SAME  # AWS always tells the period; what a KMS does not tell cannot be said to differ
    before = now.period if now is not None and now.enabled else ABSENT
    return Facet(
        (FieldChange("rotation.automatic.periodDays", before, rotation.period),),
        (EnableRotation(ExistingKey(observed.key_id), rotation.period),),
    )


def _none(desired: DesiredKey, observed: ObservedKey) -> Facet:
    """KMS does not say whether a key that awaits deletion will rotate again: it is stopped to be sure."""
    steps = (DisableRotation(ExistingKey(observed.key_id)),)
    if not rotates_by_itself(desired.key_spec, desired.origin):
        return SAME
    if observed.rotation is None:
        return Facet((), steps) if observed.pending_deletion else SAME
    if not observed.rotation.enabled:
        return SAME
    return Facet((FieldChange("rotation.automatic.periodDays", observed.rotation.period, ABSENT),), steps)


def _on_demand(desired: DesiredKey, serial: int, observed: ObservedKey, path: str) -> Facet:
    mark = RotationMark.of(observed.tags)
    if mark is None or not is_due(desired, observed) or not can_rotate(observed):
        return SAME
    field = FieldChange(path, mark.serial, serial)
    count = _count(observed, mark.rotations)
    if _is_honoured(serial, mark, count):
        return Facet((field,))  # it was rotated, and only the mark was not written yet
    key, announced = ExistingKey(observed.key_id), RotationMark(mark.serial, count, serial)
    announce: tuple[Step, ...] = (TagKey(key, {ROTATION_TAG: str(announced)}),) if announced != mark else ()
    return Facet((field,), (*announce, RotateOnDemand(key, count)))


def can_rotate(observed: ObservedKey) -> bool:
    """Whether KMS rotates the key as it is, once it is enabled."""
    return observed.material and observed.state not in _NOT_YET


def _is_honoured(serial: int, mark: RotationMark, count: int) -> bool:
    """Whether the rotation announced for `serial` has happened, and a crash kept the mark from saying so."""
    return mark.intended == serial and count > mark.rotations


def _count(observed: ObservedKey, unread: int) -> int:
    """How often the key was rotated on demand; `unread` when that was not read."""
    count = observed.rotation.on_demand_rotations if observed.rotation else None
    return unread if count is None else count
