"""What an import makes of a key, without importing anything: the part of a simulation that is about key material.

A symmetric encryption key may have several materials, all but a pending one of which must be there for it to be used;
other keys have one for life. Related keys of a multi-Region key have the same materials, each of which has to be
imported into every one of them.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, assert_never

from reconciler.model.keyspec import KeyState
from reconciler.model.material import AwaitedMaterial, FirstMaterial, KnownMaterial, NewMaterial, has_several_materials
from reconciler.model.observed import Material, ObservedKey, ObservedMaterials
from reconciler.plan.steps import ImportMaterial

_IDS = uuid.UUID("3d9dbb0c-1a57-5d0a-8f0e-0a7b5f6a9d21")
"""The namespace of the ids that simulated materials get."""


def with_material(key: ObservedKey, step: ImportMaterial) -> dict[str, Any]:
    """The fields of `key` that `step` changes."""
    if not has_several_materials(key.key_spec):
        return {**_usable(key), "valid_to": step.valid_to}
    held = key.materials or ObservedMaterials()
    if _is_pending(held, step):
        return {"materials": replace(held, pending=_imported(key, step, held.pending))}
    held = replace(held, current=_imported(key, step, held.current))
    return {"materials": held, "valid_to": step.valid_to, **({} if held.missing else _usable(key))}


def shared(keys: Iterable[ObservedKey], primary: ObservedKey) -> list[ObservedKey]:
    """Related `keys` after an import into one of them: what `primary` is to be rotated to they have to get as well."""
    new = primary.materials.pending if primary.materials else None
    told = [_told(key, new) for key in keys]
    awaited = any(key.materials and key.materials.pending and not key.materials.pending.imported for key in told)
    return [replace(key, materials=replace(key.materials, awaited=awaited)) if key.materials else key for key in told]


def rotated(key: ObservedKey) -> ObservedKey:
    """`key` after a rotation: pending material takes the place of the current one."""
    held = key.materials
    if held is None or held.pending is None:
        return key
    earlier = (*held.earlier, *((held.current.material_id,) if held.current else ()))
    materials = ObservedMaterials(held.pending, earlier=tuple(sorted(earlier)), missing=held.missing)
    return replace(key, materials=materials)


def of_new_replica(primary: ObservedKey) -> ObservedMaterials | None:
    """The materials of a replica that is made of `primary`: it expects all of them, and has none."""
    held = primary.materials
    if held is None:
        return None
    current, pending = (
        replace(material, imported=False, valid_to=None, description="") if material else None
        for material in (held.current, held.pending)
    )
    missing = tuple(sorted((*held.earlier, *held.missing)))
    return ObservedMaterials(current, pending, awaited=pending is not None, missing=missing)


def _told(key: ObservedKey, new: Material | None) -> ObservedKey:
    if key.materials is None or key.materials.pending is not None or new is None:
        return key
    return replace(key, materials=replace(key.materials, pending=Material(new.material_id, imported=False)))


def _is_pending(held: ObservedMaterials, step: ImportMaterial) -> bool:
    match step.which:
        case NewMaterial() | AwaitedMaterial():
            return True
        case KnownMaterial(material_id):
            return held.pending is not None and held.pending.material_id == material_id
        case FirstMaterial():
            return False
        case _:
            assert_never(step.which)


def _usable(key: ObservedKey) -> dict[str, Any]:
    """A key that waited for material becomes enabled; a disabled one stays disabled."""
    return {"material": True, **({"state": KeyState.ENABLED} if key.state is KeyState.PENDING_IMPORT else {})}


def _imported(key: ObservedKey, step: ImportMaterial, before: Material | None) -> Material:
    name = before.material_id if before else _new_id(key)
    description = step.description if step.description is not None else before.description if before else ""
    return Material(name, imported=True, valid_to=step.valid_to, description=description)


def _new_id(key: ObservedKey) -> str:
    """Of the key's id, which related keys share, and of how many materials it has."""
    held = key.materials or ObservedMaterials()
    count = len(held.earlier) + len(held.missing) + (held.current is not None)
    return uuid.uuid5(_IDS, f"{key.key_id}/{count}").hex
