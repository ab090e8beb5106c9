"""Keys and their last use."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping
from sys import intern
from typing import Any, Final

from reconciler.engine.store.materials import Materials
from reconciler.engine.store.records import Custody, Key, NewKey, RotationSchedule, SealedMaterial, Usage
from reconciler.kit.arn import key_arn, partition_of

CACHED_KEYS: Final = 65_536
"""Keys whose rows are kept in memory, least recently used out first: about 1 KiB each, what many share kept once."""

_SELECT: Final = (
    "SELECT n, account, region, key_id, spec, usage, origin, state, description, policy, created, primary_region, "
    "material_id, deletion_due, deletion_window, expires, settles, rotation_period, rotation_due, on_demand_rotations, "
    "manager, custom_store, xks_key_id, resting_state FROM keys WHERE "
)
_SHARED: Final = (1, 2, 4, 5, 6, 7, 9)
"""Columns of texts that many keys have in common: account, Region, spec, usage, origin, state, policy."""
_DUE: Final = {
    "deletion_due": "deletion_due IS NOT NULL",
    "rotation_due": "rotation_due IS NOT NULL AND state = 'Enabled'",
    "expires": "expires IS NOT NULL",
    "settles": "settles IS NOT NULL",
}
"""Columns that say when something is due, and when they count; each has an index of its own."""
_NEXT: Final = "SELECT " + ", ".join(f"(SELECT min({name}) FROM keys WHERE {when})" for name, when in _DUE.items())  # noqa: S608

_NEXT_CONNECTED: Final = "SELECT min(connected_at) FROM custom_stores WHERE connected_at IS NOT NULL"


class Keys:
    """The tables `keys` and `usage`, and `materials`. Call inside the database's `reading()` or `writing()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.materials = Materials(connection)
        self._cache: OrderedDict[tuple[str, str, str], Key] = OrderedDict()
        self._next: int | None = None
        self._due_known = False

    def forget_cached(self) -> None:
        """Drop what is cached: the rows may have changed."""
        self._cache.clear()
        self._due_known = False

    def find(self, account: str, region: str, key_id: str) -> Key | None:
        """The key, or None."""
        place = (account, region, key_id)
        key = self._cache.get(place)
        if key is not None:
            self._cache.move_to_end(place)
            return key
        row = self._connection.execute(_SELECT + "account = ? AND region = ? AND key_id = ?", place).fetchone()
        if row is None:
            return None
        key = self._cache[place] = _key(row)
        if len(self._cache) > CACHED_KEYS:
            self._cache.popitem(last=False)
        return key

    def by_number(self, n: int) -> Key:
        """The key with number `n`, which exists."""
        return _key(self._connection.execute(_SELECT + "n = ?", (n,)).fetchone())

    def page(self, account: str, region: str, after: str, limit: int) -> list[str]:
        """Up to `limit` key ids behind `after`, in order."""
        rows = self._connection.execute(
            "SELECT key_id FROM keys WHERE account = ? AND region = ? AND key_id > ? ORDER BY key_id LIMIT ?",
            (account, region, after, limit),
        )
        return [row[0] for row in rows]

    def related_regions(self, key: Key) -> list[str]:
        """The Regions of the multi-Region key that `key` belongs to, sorted."""
        rows = self._connection.execute(
            "SELECT region FROM keys WHERE account = ? AND key_id = ? AND primary_region IS NOT NULL ORDER BY region",
            (key.account, key.key_id),
        )
        return [row[0] for row in rows]

    def insert(self, account: str, region: str, new: NewKey, now: int) -> Key:
        """Add a key without material. No two keys of a store have the same instant of creation."""
        newest = self._connection.execute("SELECT max(created) FROM keys").fetchone()[0]
        cursor = self._connection.execute(
            "INSERT INTO keys (account, region, key_id, spec, usage, origin, state, description, policy, created,"
            " primary_region, manager, custom_store, xks_key_id)"
            " VALUES (?, ?, ?, ?, ?, ?, 'PendingImport', ?, ?, ?, ?, ?, ?, ?) RETURNING n",
            (
                account,
                region,
                new.key_id,
                new.spec,
                new.usage,
                new.origin,
                new.description,
                new.policy,
                now if newest is None else max(now, newest + 1),
                new.primary_region,
                new.manager,
                new.custom_store,
                new.xks_key_id,
            ),
        )
        return self.by_number(cursor.fetchone()[0])

    def update(self, key: Key, changes: Mapping[str, Any]) -> Key:
        """Set columns of `key`, named as in `Key`; the key as it is now."""
        assignments = ", ".join(f"{column} = ?" for column in changes)
        self._connection.execute(
            f"UPDATE keys SET {assignments} WHERE n = ?",  # noqa: S608  the columns are ours
            (*changes.values(), key.n),
        )
        self._cache.pop((key.account, key.region, key.key_id), None)
        self._due_known = False
        return self.by_number(key.n)

    def delete(self, key: Key) -> None:
        """Remove the key and all that hangs on it: materials, use, tags, aliases, grants."""
        for table in ("materials", "usage", "tags", "aliases", "grants"):
            self._connection.execute(f"DELETE FROM {table} WHERE key = ?", (key.n,))  # noqa: S608  the tables are ours
        self._connection.execute("DELETE FROM keys WHERE n = ?", (key.n,))
        self._cache.pop((key.account, key.region, key.key_id), None)
        self._due_known = False

    def material(self, key: Key, material_id: str) -> SealedMaterial | None:
        """See `Materials.find`."""
        return self.materials.find(key, material_id)

    def record_usage(self, usage: Mapping[int, Usage]) -> None:
        """Remember the last use of keys by their numbers; a key that is gone is passed over."""
        self._connection.executemany(
            "INSERT INTO usage (key, operation, time, event_id, request_id) SELECT n, ?, ?, ?, ? FROM keys WHERE n = ?"
            " ON CONFLICT (key) DO UPDATE SET operation = excluded.operation, time = excluded.time,"
            " event_id = excluded.event_id, request_id = excluded.request_id WHERE excluded.time >= time",
            [(use.operation, use.time, use.event_id, use.request_id, n) for n, use in usage.items()],
        )

    def last_usage(self, key: Key) -> Usage | None:
        """The last use of `key` that was recorded, or None."""
        row = self._connection.execute(
            "SELECT operation, time, event_id, request_id FROM usage WHERE key = ?", (key.n,)
        ).fetchone()
        return Usage(*row) if row else None

    def next_due(self) -> int | None:
        """The instant at which the next thing is due by itself, or None."""
        if not self._due_known:
            dues = (*self._connection.execute(_NEXT).fetchone(), *self._connection.execute(_NEXT_CONNECTED).fetchone())
            self._next = min((due for due in dues if due is not None), default=None)
            self._due_known = True
        return self._next

    def schedule_rotation(self, key: Key, schedule: RotationSchedule | None) -> None:
        """Turn automatic rotation on, to this schedule, or off."""
        period, due = (schedule.period, schedule.due) if schedule else (None, None)
        self.update(key, {"rotation_period": period, "rotation_due": due})

    def to_delete(self, now: int) -> list[Key]:
        """Keys whose waiting period is over at `now`, oldest first."""
        return self._due("deletion_due", now)

    def to_rotate(self, now: int) -> list[tuple[Key, RotationSchedule]]:
        """Enabled keys whose automatic rotation is due at `now`, oldest first."""
        keys = self._due("rotation_due", now)
        return [(key, key.rotation) for key in keys if key.rotation is not None]

    def to_expire(self, now: int) -> list[Key]:
        """Keys with imported material that has expired at `now`, oldest first."""
        return self._due("expires", now)

    def to_settle(self, now: int) -> list[Key]:
        """Keys that are `Creating` or `Updating` no more at `now`."""
        return self._due("settles", now)

    def _due(self, column: str, now: int) -> list[Key]:
        rows = self._connection.execute(f"{_SELECT}{_DUE[column]} AND {column} <= ? ORDER BY {column}, n", (now,))
        return [_key(row) for row in rows]


def _key(row: tuple[Any, ...]) -> Key:
    *plain, period, due, on_demand, manager, custom_store, xks_key_id, resting_state = row
    for place in _SHARED:
        plain[place] = intern(plain[place])
    account, region, key_id = plain[1:4]
    schedule = None if period is None else RotationSchedule(period, due)
    arn = key_arn(region, account, key_id, partition_of(region))
    custody = None if custom_store is None else Custody(custom_store, xks_key_id, resting_state)
    values: tuple[Any, ...] = (*plain, schedule, on_demand, arn, manager, custody)
    return Key(*values)
