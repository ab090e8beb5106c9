"""Rotation by KMS itself and on demand. Manual rotation makes a successor key: see `plan.decide.succession`."""

from __future__ import annotations

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
    if mark is None:
        return {ROTATION_TAG: str(RotationMark(serial, _count(observed, 0)))}
    if not _is_due(desired.rotation, mark, observed):
        return {ROTATION_TAG: str(mark)}
    count = _count(observed, mark.rotations)
    honoured = _is_honoured(serial, mark, count)
    return {ROTATION_TAG: str(RotationMark(serial, count if honoured else count + 1))}


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


def _on_demand(rotation: OnDemandRotation, observed: ObservedKey) -> Facet:
    mark = RotationMark.of(observed.tags)
    if mark is None or not _is_due(rotation, mark, observed):
        return SAME
    field = FieldChange("rotation.onDemand.serial", mark.serial, rotation.serial)
    count = _count(observed, mark.rotations)
    if _is_honoured(rotation.serial, mark, count):
        return Facet((field,))  # it was rotated, and only the mark was not written yet
    key, announced = ExistingKey(observed.key_id), RotationMark(mark.serial, count, rotation.serial)
    announce: tuple[Step, ...] = (TagKey(key, {ROTATION_TAG: str(announced)}),) if announced != mark else ()
    return Facet((field,), (*announce, RotateOnDemand(key, count)))


def _is_due(rotation: OnDemandRotation, mark: RotationMark, observed: ObservedKey) -> bool:
    return rotation.serial > mark.serial and observed.material and observed.state not in _NOT_YET


def _is_honoured(serial: int, mark: RotationMark, count: int) -> bool:
    """Whether the rotation announced for `serial` has happened, and a crash kept the mark from saying so."""
    return mark.intended == serial and count > mark.rotations


def _count(observed: ObservedKey, unread: int) -> int:
    """How often the key was rotated on demand; `unread` when that was not read."""
    count = observed.rotation.on_demand_rotations if observed.rotation else None
    return unread if count is None else count
