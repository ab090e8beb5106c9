"""Imported key material: whether it is there, until when, and which of a key's materials the source has now.

The material itself is nowhere in a plan. That the right one is imported is KMS's to see: it knows each material of a
symmetric encryption key by an id, and takes no other where one of these, or the only one of another key, is expected.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconciler.kit.absent import ABSENT, Absent
from reconciler.model.desired import DesiredKey
from reconciler.model.keyspec import KeyState, Origin
from reconciler.model.material import (
    AwaitedMaterial,
    ImportedMaterial,
    KnownMaterial,
    NewMaterial,
    has_several_materials,
)
from reconciler.model.observed import Material, ObservedKey, ObservedMaterials
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.compare.rotation import awaits_rotation, can_rotate, is_due
from reconciler.plan.compare.state import declared_enabled
from reconciler.plan.steps import DisableKey, ExistingKey, ImportMaterial, KeyHandle, Step

SOURCE = "importedMaterial.from"


def compare_material(desired: DesiredKey, observed: ObservedKey, now: datetime) -> Facet:
    """The imports that make the key's material as declared; left alone when none is declared."""
    wanted = desired.material
    if wanted is None or observed.origin is not Origin.EXTERNAL or observed.state is KeyState.CREATING:
        return SAME
    if wanted.is_over(now) or _is_lost(desired, observed):
        return SAME
    if awaits_rotation(desired, observed):
        return Facet((source_field(wanted),), (new_step(desired, wanted, observed),)) if can_rotate(observed) else SAME
    if is_missing(observed):
        return _missing(desired, wanted, observed)
    return _kept(desired, wanted, observed)


def compare_related(desired: DesiredKey, wanted: ImportedMaterial, observed: ObservedKey) -> Facet:
    """The import of the material that the primary of `observed` is rotated to in the same plan."""
    return Facet((source_field(wanted),), (awaited_step(desired, wanted, observed),))


def new_step(desired: DesiredKey, wanted: ImportedMaterial, primary: ObservedKey) -> ImportMaterial:
    """New material, or what an apply that did not come to the end has imported: KMS sees whether that is the same."""
    pending = primary.materials.pending if primary.materials else None
    step = import_step(desired, wanted, ExistingKey(primary.key_id))
    return _again(step, pending) if pending else replace(step, which=NewMaterial())


def awaited_step(desired: DesiredKey, wanted: ImportedMaterial, observed: ObservedKey) -> ImportMaterial:
    """What its primary has, into a replica; by its id if that is known already."""
    pending = observed.materials.pending if observed.materials else None
    step = import_step(desired, wanted, ExistingKey(observed.key_id))
    return _again(step, pending) if pending else replace(step, which=AwaitedMaterial())


def import_step(desired: DesiredKey, wanted: ImportedMaterial, key: KeyHandle) -> ImportMaterial:
    """The first import into a key, or a repetition of it."""
    description = wanted.description if has_several_materials(desired.key_spec) else None
    return ImportMaterial(key, desired.key_spec, wanted.source, wanted.wrapping, wanted.valid_to, description)


def source_field(wanted: ImportedMaterial) -> FieldChange:
    """Where an import gets material from; KMS does not know where it came from before."""
    return FieldChange(SOURCE, ABSENT, str(wanted.source))


def material_fields(wanted: ImportedMaterial) -> list[tuple[str, object | Absent]]:
    """What a reader is shown of the material of a new key: where it is, not what."""
    return [(SOURCE, str(wanted.source)), ("importedMaterial.validTo", _shown(wanted.valid_to))]


def material_note(desired: DesiredKey, observed: ObservedKey, now: datetime) -> str:
    """What a reader must know of material that is not there and that no import brings back; empty when all is well."""
    wanted, held = desired.material, observed.materials or ObservedMaterials()
    if wanted is None or observed.origin is not Origin.EXTERNAL or observed.pending_deletion:
        return ""
    if is_missing(observed) and wanted.valid_to is not None and wanted.is_over(now):
        return f"its material expired on {wanted.valid_to:%Y-%m-%d}, as declared: a later validTo imports it again"
    if _is_lost(desired, observed):
        return (
            "its current material is gone, and the raised serial says that the source has another: give it the old "
            "one with the old serial, apply, and then rotate"
        )
    if held.missing:
        gone = ", ".join(material[:12] for material in held.missing)
        return f"it cannot be used: earlier material is gone and has to be imported by hand ({gone}…)"
    return ""


def lacks_material(desired: DesiredKey | None, observed: ObservedKey, now: datetime) -> bool:
    """Whether a key will have no, or not all of its, material when a plan is carried out."""
    if observed.material:
        return False
    imports = desired is not None and any(
        isinstance(step, ImportMaterial) for step in compare_material(desired, observed, now).steps
    )
    return not imports or bool(observed.materials and observed.materials.missing)


def awaits_import(desired: DesiredKey, now: datetime) -> bool:
    """Whether a key that is to be created will have no material: nobody says where it is, or its time has passed."""
    return desired.origin is Origin.EXTERNAL and (desired.material is None or desired.material.is_over(now))


def is_missing(observed: ObservedKey) -> bool:
    """Whether the current material, or the only one, is not there."""
    if not has_several_materials(observed.key_spec):
        return not observed.material
    current = observed.materials.current if observed.materials else None
    return current is None or not current.imported


def _is_lost(desired: DesiredKey, observed: ObservedKey) -> bool:
    """Whether current material is gone whose serial is not the declared one: what the source has is another."""
    ever = observed.materials is not None and observed.materials.current is not None
    return ever and is_missing(observed) and is_due(desired, observed)


def _missing(desired: DesiredKey, wanted: ImportedMaterial, observed: ObservedKey) -> Facet:
    """Imported material makes a key enabled; one that is declared otherwise is disabled again."""
    key = ExistingKey(observed.key_id)
    current = observed.materials.current if observed.materials else None
    first = import_step(desired, wanted, key)
    steps: list[Step] = [first if current is None else _again(first, current)]
    closed = declared_enabled(desired) is False
    usable = not (observed.materials and observed.materials.missing)
    if closed and usable:
        steps.append(DisableKey(key))
    field = FieldChange("importedMaterial", "missing", "imported")
    return Facet((field, source_field(wanted), *_validity(None, wanted)), tuple(steps))


def _kept(desired: DesiredKey, wanted: ImportedMaterial, observed: ObservedKey) -> Facet:
    current = observed.materials.current if observed.materials else None
    fields = _validity(current.valid_to if current else observed.valid_to, wanted)
    if current is not None and wanted.description is not None and wanted.description != current.description:
        fields += (FieldChange("importedMaterial.description", current.description, wanted.description),)
    if not fields:
        return SAME
    step = import_step(desired, wanted, ExistingKey(observed.key_id))
    return Facet((*fields, source_field(wanted)), (step if current is None else _again(step, current),))


def _again(step: ImportMaterial, material: Material) -> ImportMaterial:
    return replace(step, which=KnownMaterial(material.material_id))


def _validity(before: datetime | None, wanted: ImportedMaterial) -> tuple[FieldChange, ...]:
    """KMS keeps whole seconds."""
    there = before.replace(microsecond=0) if before else None
    if there == wanted.valid_to:
        return ()
    return (FieldChange("importedMaterial.validTo", _shown(there), _shown(wanted.valid_to)),)


def _shown(instant: datetime | None) -> str | Absent:
    return instant.isoformat().replace("+00:00", "Z") if instant else ABSENT
