"""What time brings about: automatic rotations, expiries and the end of waiting periods.

Nothing runs in the background. Each call first looks whether something was due, and what was happens as if it had
happened on time, in its order: a key that was due four times is rotated four times, at those instants. The cost is that
of what is due, whatever else is in the store.
"""

from __future__ import annotations

from reconciler.engine.audit.service import record_deed
from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.custom_stores.connection import settle
from reconciler.engine.instants import DAY
from reconciler.engine.keys.imported import expire, state_at_rest
from reconciler.engine.keys.regions import is_replica, primary_of, replicas_of
from reconciler.engine.keys.rotate import AUTOMATIC, rotate
from reconciler.engine.keys.state import ENABLED, PENDING_DELETION, PENDING_REPLICA_DELETION
from reconciler.engine.store.records import Key, RotationSchedule
from reconciler.engine.store.store import Store


def sweep(store: Store, keyring: Keyring, now: int) -> None:
    """Do what was due at `now`, in one transaction. Call when `Store.keys.next_due` has passed."""
    with store.writing():
        while (due := store.keys.next_due()) is not None and due <= now:
            _do(store, keyring, due)


def catch_up(store: Store, keyring: Keyring, now: int) -> None:
    """Do what was due at `now`, if anything was."""
    with store.reading():
        due = store.keys.next_due()
    if due is not None and due <= now:
        sweep(store, keyring, now)


def _do(store: Store, keyring: Keyring, due: int) -> None:
    """Do all that is due at the instant `due`, before which nothing is."""
    for custom in store.custom_stores.to_settle(due):
        settle(store, custom)
    for key in store.keys.to_settle(due):
        store.keys.update(key, {"state": state_at_rest(store, key, ENABLED), "settles": None})
    for key in store.keys.to_expire(due):
        expire(store, keyring, key, due)
    for key, schedule in store.keys.to_rotate(due):
        rotate(store, keyring, key, due, AUTOMATIC)
        store.keys.schedule_rotation(key, RotationSchedule(schedule.period, due + schedule.period * DAY))
    for key in store.keys.to_delete(due):
        _delete(store, keyring, key, due)


def _delete(store: Store, keyring: Keyring, key: Key, due: int) -> None:
    primary = primary_of(store, key) if is_replica(key) else None
    keyring.forget(key)
    store.keys.delete(key)
    store.erase_deleted()
    record_deed(store, "DeleteKey", key, due)
    if primary is not None and primary.state == PENDING_REPLICA_DELETION and not replicas_of(store, primary):
        _begin_window(store, primary, due)


def _begin_window(store: Store, primary: Key, due: int) -> None:
    """Let the waiting period of a primary key begin: the last of its replicas is gone."""
    days = primary.deletion_window or 0
    changes = {"state": PENDING_DELETION, "deletion_due": due + days * DAY, "deletion_window": None}
    store.keys.update(primary, changes)
