"""Giving a symmetric key new material; the old stays for decryption."""

from __future__ import annotations

from reconciler.engine.audit.service import record_deed
from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.crypto.material import generate
from reconciler.engine.crypto.specs import SPECS
from reconciler.engine.keys.regions import members_of
from reconciler.engine.store.records import Key
from reconciler.engine.store.store import Store

AUTOMATIC = "AUTOMATIC"
ON_DEMAND = "ON_DEMAND"


def rotate(store: Store, keyring: Keyring, key: Key, at: int, rotation_type: str) -> None:
    """Make new material the current one of `key`, which is no replica, and of its replicas, as of `at`."""
    material = keyring.seal(key, generate(SPECS[key.spec]))
    members = members_of(store, key)
    for member in members:
        store.keys.materials.add(member, material, at, rotation_type)
        store.keys.update(member, {"material_id": material.material_id})
    _record(store, members, material.material_id, at, rotation_type)


def rotate_to(store: Store, key: Key, material_id: str, at: int, rotation_type: str) -> None:
    """Make pending imported material the current one of `key`, which is no replica, and of its replicas."""
    members = members_of(store, key)
    for member in members:
        store.keys.materials.make_rotated(member, material_id, at, rotation_type)
        store.keys.update(member, {"material_id": material_id})
    _record(store, members, material_id, at, rotation_type)


def _record(store: Store, members: list[Key], material_id: str, at: int, rotation_type: str) -> None:
    primary = members[0]
    details = {
        "rotationType": rotation_type,
        "keyOrigin": primary.origin,
        "previousKeyMaterialId": primary.material_id or "",
        "currentKeyMaterialId": material_id,
    }
    record_deed(store, "RotateKey", primary, at, details)
    if len(members) > 1:
        record_deed(store, "SynchronizeMultiRegionKey", primary, at)
