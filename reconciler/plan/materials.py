"""What an import makes of a key, without importing anything: the part of a simulation that is about key material.

A symmetric encryption key may have several materials, all but a pending one of which must be there for it to be used;
other keys have one for life.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from reconciler.model.keyspec import KeyState
from reconciler.model.material import has_several_materials
from reconciler.model.observed import Material, ObservedKey, ObservedMaterials
from reconciler.plan.steps import ImportMaterial

_IDS = uuid.UUID("3d9dbb0c-1a57-5d0a-8f0e-0a7b5f6a9d21")
"""The namespace of the ids that simulated materials get."""


def with_material(key: ObservedKey, step: ImportMaterial) -> dict[str, Any]:
    """The fields of `key` that `step` changes."""
    if not has_several_materials(key.key_spec):
        return {**_usable(key), "valid_to": step.valid_to}
    held = key.materials or ObservedMaterials()
    if step.new or (held.pending and held.pending.material_id == step.expected):
        return {"materials": replace(held, pending=_imported(key, step, held.pending))}
    held = replace(held, current=_imported(key, step, held.current))
    return {"materials": held, "valid_to": step.valid_to, **({} if held.missing else _usable(key))}


def rotated(key: ObservedKey) -> dict[str, Any]:
    """The fields of `key` that a rotation changes: pending material takes the place of the current one."""
    if key.materials is None or key.materials.pending is None:
        return {}
    return {"materials": replace(key.materials, current=key.materials.pending, pending=None)}


def _usable(key: ObservedKey) -> dict[str, Any]:
    """A key that waited for material becomes enabled; a disabled one stays disabled."""
    return {"material": True, **({"state": KeyState.ENABLED} if key.state is KeyState.PENDING_IMPORT else {})}


def _imported(key: ObservedKey, step: ImportMaterial, before: Material | None) -> Material:
    name = before.material_id if before else uuid.uuid5(_IDS, f"{key.key_id}/{step.new}").hex
    description = step.description if step.description is not None else before.description if before else ""
    return Material(name, imported=True, valid_to=step.valid_to, description=description)
