"""Imported material: how it comes to a key, and how it goes.

A symmetric encryption key may get several materials in its life. The first is current at once; each further one waits
as *pending* until RotateKeyOnDemand makes it current, and until then can be taken back. All others belong to the key
for good: the key is usable while every one of them is there. Keys of other specs have one material.

In a multi-Region key, material comes to the primary first. From then on its replicas expect that material, and each
gets it by an import of its own.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html and
API_DeleteImportedKeyMaterial.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reconciler.engine.audit.service import record_deed
from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.keys.regions import is_replica, replicas_of
from reconciler.engine.keys.state import DYING, ENABLED, PENDING_IMPORT
from reconciler.engine.store.records import HistoricMaterial, Key, SealedMaterial
from reconciler.engine.store.store import Store

EXTERNAL: Final = "EXTERNAL"


@dataclass(frozen=True, slots=True)
class Terms:
    """How imported material is kept."""

    valid_to: int | None
    """When it expires, if it does."""
    description: str | None
    """None keeps the one that it had."""


def associate(store: Store, key: Key, material_id: str, now: int) -> None:
    """Let material that is new to `key`, which is no replica, belong to it and its replicas; nothing is there yet."""
    first = key.material_id is None
    for member in (key, *replicas_of(store, key)):
        store.keys.materials.expect(member, material_id, now, pending=not first)
        if first:
            store.keys.update(member, {"material_id": material_id})


def put(store: Store, key: Key, material: SealedMaterial, terms: Terms) -> None:
    """Let material that belongs to `key` be there."""
    store.keys.materials.put(key, material, terms.valid_to, terms.description)
    _refresh(store, key)


def remove(store: Store, keyring: Keyring, key: Key, material: HistoricMaterial) -> None:
    """Let `material` of `key` be gone; pending material of a primary is forgotten, in its replicas too."""
    keyring.forget(key)
    store.erase_deleted()
    if not material.pending or is_replica(key):
        store.keys.materials.take(key, material.material_id)
        _refresh(store, key)
        return
    for member in (key, *replicas_of(store, key)):
        keyring.forget(member)
        store.keys.materials.drop(member, material.material_id)
        _refresh(store, member)


def expire(store: Store, keyring: Keyring, key: Key, now: int) -> None:
    """Remove what of `key` has expired at `now`, each with an event of its own."""
    for material in store.keys.materials.expired(key, now):
        remove(store, keyring, key, material)
        record_deed(store, "DeleteExpiredKeyMaterial", key, now, {"keyMaterialId": material.material_id})


def rotation_may_begin(store: Store, key: Key, material_id: str) -> bool:
    """Whether pending material of the primary `key` is there, in all of its replicas too."""
    members = (key, *replicas_of(store, key))
    return all(store.keys.materials.find(member, material_id) is not None for member in members)


def state_at_rest(store: Store, key: Key, state: str) -> str:
    """`state`, or PendingImport when material of `key` is missing."""
    missing = key.origin == EXTERNAL and not store.keys.materials.standing(key).complete
    return PENDING_IMPORT if missing else state


def _refresh(store: Store, key: Key) -> None:
    """Put right what follows from the materials of `key`."""
    state = key.state
    if state == PENDING_IMPORT:
        state = state_at_rest(store, key, ENABLED)
    elif state not in DYING:
        state = state_at_rest(store, key, state)
    settles = key.settles if state == key.state else None
    expires = store.keys.materials.next_expiry(key)
    store.keys.update(key, {"state": state, "settles": settles, "expires": expires})
