"""Enabled, disabled, or awaiting deletion."""

from __future__ import annotations

from typing import assert_never

from reconciler.kit.absent import ABSENT, Absent
from reconciler.model.desired import DesiredKey
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.steps import CancelDeletion, DisableKey, EnableKey, ExistingKey, Step


def declared_enabled(desired: DesiredKey) -> bool | Absent:
    """Whether the manifest wants the key enabled; absent when it leaves that to others."""
    return ABSENT if "enabled" in desired.ignore.fields else desired.enabled


def compare_state(observed: ObservedKey, *, wanted: bool | Absent, opened: bool = False) -> Facet:
    """Whether the key is usable as it is `wanted`; absent: as it is.

    A key whose deletion is scheduled is wanted back: the deletion is cancelled, which leaves it disabled, or without
    material as it was.
    `opened`: other steps of the plan need the key enabled, so a key that is to be disabled is opened for them first.
    """
    match observed.state:
        case KeyState.PENDING_DELETION | KeyState.PENDING_REPLICA_DELETION:
            return _wanted_back(observed, wanted=wanted is not False, opened=opened)
        case KeyState.ENABLED | KeyState.DISABLED:
            is_enabled = observed.state is KeyState.ENABLED
            return _enabled(observed, wanted=is_enabled if wanted is ABSENT else wanted, opened=opened)
        case KeyState.CREATING | KeyState.UPDATING | KeyState.PENDING_IMPORT | KeyState.UNAVAILABLE:
            return SAME  # neither enabling nor disabling is possible; KMS or an import moves it on
        case _:
            assert_never(observed.state)


def _wanted_back(observed: ObservedKey, *, wanted: bool, opened: bool) -> Facet:
    key = ExistingKey(observed.key_id)
    steps: list[Step] = [CancelDeletion(key)]
    if not observed.material:
        return Facet((FieldChange("state", str(observed.state), "PendingImport"),), tuple(steps))
    if wanted or opened:
        steps.append(EnableKey(key))
    if not wanted and opened:
        steps.append(DisableKey(key))
    after = "Enabled" if wanted else "Disabled"
    return Facet((FieldChange("state", str(observed.state), after),), tuple(steps))


def _enabled(observed: ObservedKey, *, wanted: bool, opened: bool) -> Facet:
    key = ExistingKey(observed.key_id)
    is_enabled = observed.state is KeyState.ENABLED
    steps: list[Step] = []
    if not is_enabled and (wanted or opened):
        steps.append(EnableKey(key))
    if not wanted and (is_enabled or opened):
        steps.append(DisableKey(key))
    fields = (FieldChange("enabled", is_enabled, wanted),) if wanted is not is_enabled else ()
    return Facet(fields, tuple(steps))
