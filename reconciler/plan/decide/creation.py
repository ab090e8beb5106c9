"""The steps and fields of a key that is not there yet: a first key, or the successor of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from reconciler.kit.absent import ABSENT, Absent
from reconciler.model.desired import AutomaticRotation, DesiredKey, ExternalPrimary, ManagedKey
from reconciler.model.identifiers import TargetName
from reconciler.model.ownership import (
    DELETION_TAG,
    GRANTS_TAG,
    ROTATION_TAG,
    Ownership,
    RotationMark,
    deletion_mark,
)
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.material import awaits_import, import_step, material_fields
from reconciler.plan.steps import CreateKey, DisableKey, EnableRotation, KeyHandle, PlannedKey, ReplicateKey, Step


@dataclass(frozen=True, slots=True)
class Source:
    """What a replica is made of, and where."""

    primary: KeyHandle
    at: TargetName
    """Where the primary is."""
    region: str
    """Where the replica will be."""


def creation_steps(desired: DesiredKey, owner: Ownership, grants: int, now: datetime) -> tuple[Step, ...]:
    """Create the key as declared; `grants` is how many of ours it is to have."""
    key = PlannedKey(desired.address, owner.generation)
    steps: list[Step] = [
        CreateKey(
            key,
            owner,
            key_spec=desired.key_spec,
            key_usage=desired.key_usage,
            origin=desired.origin,
            multi_region=desired.multi_region,
            description=desired.description or "",
            policy=desired.policy or None,
            tags={**(desired.tags or {}), **_first_tags(desired, owner, grants)},
            store=desired.store.name if desired.store else None,
            xks_key_id=desired.xks_key_id,
        )
    ]
    waits = awaits_import(desired, now)
    if desired.material is not None and not waits:
        steps.append(import_step(desired, desired.material, key))
    if isinstance(desired.rotation, AutomaticRotation):
        steps.append(EnableRotation(key, desired.rotation.period))
    if desired.enabled is False and not waits:
        steps.append(DisableKey(key))
    return tuple(steps)


def replication_steps(
    desired: DesiredKey, owner: Ownership, grants: int, source: Source, now: datetime
) -> tuple[Step, ...]:
    """Make the replica as declared, of the primary that `source` is; imported material KMS does not copy."""
    key = PlannedKey(desired.address, owner.generation)
    steps: list[Step] = [
        ReplicateKey(
            key,
            source.primary,
            source.at,
            source.region,
            owner,
            key_spec=desired.key_spec,
            key_usage=desired.key_usage,
            origin=desired.origin,
            description=desired.description or "",
            policy=desired.policy or None,
            tags={**(desired.tags or {}), **_first_tags(desired, owner, grants)},
        )
    ]
    waits = awaits_import(desired, now)
    if desired.material is not None and not waits:
        steps.append(import_step(desired, desired.material, key))
    if desired.enabled is False and not waits:
        steps.append(DisableKey(key))
    return tuple(steps)


def creation_fields(desired: DesiredKey) -> tuple[FieldChange, ...]:
    """What a reader is shown of a new key: every declared field."""
    shown: list[tuple[str, object | Absent]] = [
        *_nature(desired),
        ("description", desired.description),
        ("enabled", desired.enabled),
    ]
    if isinstance(desired.rotation, AutomaticRotation):
        shown.append(("rotation.automatic.periodDays", desired.rotation.period))
    if desired.material is not None:
        shown += material_fields(desired.material)
    shown += [(f"tags[{key}]", value) for key, value in sorted((desired.tags or {}).items())]
    shown.append(("policy", desired.policy))
    return tuple(FieldChange(path, ABSENT, value) for path, value in shown if value is not ABSENT)


def successor_fields(desired: DesiredKey) -> tuple[FieldChange, ...]:
    """What a reader has to be shown of a successor, whatever differs in the key before it: its policy and material."""
    shown: list[tuple[str, object | Absent]] = [("policy", desired.policy)] if desired.policy else []
    if desired.material is not None:
        shown += material_fields(desired.material)
    return tuple(FieldChange(path, ABSENT, value) for path, value in shown if value is not ABSENT)


def _nature(desired: DesiredKey) -> list[tuple[str, object | Absent]]:
    """What a key is; of a replica, its primary says that."""
    match desired.primary:
        case None:
            return [
                ("keySpec", str(desired.key_spec)),
                ("keyUsage", str(desired.key_usage)),
                ("origin", str(desired.origin)),
                ("multiRegion", desired.multi_region),
                ("primaryRegion", desired.primary_region or ABSENT),
                ("customKeyStoreRef", desired.store.name if desired.store else ABSENT),
                ("xksKeyId", desired.xks_key_id or ABSENT),
            ]
        case ManagedKey(address):
            return [("primary", str(address))]
        case ExternalPrimary(_, key):
            return [("primary", key)]
        case _:
            assert_never(desired.primary)


def _first_tags(desired: DesiredKey, owner: Ownership, grants: int) -> dict[str, str]:
    tags = {**owner.tags(), DELETION_TAG: deletion_mark(desired.deletion)}
    if desired.serial is not None:
        tags[ROTATION_TAG] = str(RotationMark(desired.serial, 0))
    if grants:
        tags[GRANTS_TAG] = str(grants)
    return tags
