"""Giving a symmetric key new material; the old stays for decryption."""

from __future__ import annotations

from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.crypto.material import generate
from reconciler.engine.crypto.specs import SPECS
from reconciler.engine.store.records import Key
from reconciler.engine.store.store import Store


def rotate(store: Store, keyring: Keyring, key: Key, at: int, rotation_type: str) -> None:
    """Make new material the current one of `key`, as of `at`; `rotation_type` is AUTOMATIC or ON_DEMAND."""
    material = keyring.seal(key, generate(SPECS[key.spec]))
    store.keys.materials.add(key, material, at, rotation_type)
    store.keys.update(key, {"material_id": material.material_id})
