"""What time brings about: automatic rotations and the end of waiting periods.

Nothing runs in the background. Each call first looks whether something was due, and what was happens as if it had
happened on time: a key that was due four times is rotated four times, at those instants. The cost is that of what is
due, whatever else is in the store.
"""

from __future__ import annotations

from reconciler.engine.audit.record import service_event
from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.custom_stores.connection import settle
from reconciler.engine.ids import random_uuid
from reconciler.engine.instants import DAY
from reconciler.engine.rotate import rotate
from reconciler.engine.store.records import Key, RotationSchedule
from reconciler.engine.store.store import Store

AUTOMATIC = "AUTOMATIC"


def sweep(store: Store, keyring: Keyring, now: int) -> None:
    """Do what was due at `now`, in one transaction. Call when `Store.keys.next_due` has passed."""
    with store.writing():
        for key, schedule in store.keys.to_rotate(now):
            _rotate_as_scheduled(store, keyring, key, schedule, now)
        for key, due in store.keys.to_delete(now):
            keyring.forget(key)
            store.keys.delete(key)
            store.erase_deleted()
            _record(store, "DeleteKey", key, due)
        for custom in store.custom_stores.to_settle(now):
            settle(store, custom)


def catch_up(store: Store, keyring: Keyring, now: int) -> None:
    """Do what was due at `now`, if anything was."""
    with store.reading():
        due = store.keys.next_due()
    if due is not None and due <= now:
        sweep(store, keyring, now)


def _rotate_as_scheduled(store: Store, keyring: Keyring, key: Key, schedule: RotationSchedule, now: int) -> None:
    due = schedule.due
    while due <= now:
        rotate(store, keyring, key, due, AUTOMATIC)
        _record(store, "RotateKey", key, due)
        due += schedule.period * DAY
    store.keys.schedule_rotation(key, RotationSchedule(schedule.period, due))


def _record(store: Store, name: str, key: Key, at: int) -> None:
    ids = (random_uuid(), random_uuid())
    store.events.insert([service_event(name, key.arn, at, (key.account, key.region), ids)])
