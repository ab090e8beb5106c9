"""Custom key stores, and what connecting them does to their keys."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from reconciler.engine.store.records import CustomStore

_FIELDS: Final = (
    "n, account, region, store_id, name, kind, created, connection, connected_at, failure, settings, sealed"
)
_SELECT: Final = f"SELECT {_FIELDS} FROM custom_stores WHERE "  # noqa: S608  the columns are ours


class CustomStores:
    """The table `custom_stores`. Call inside the database's `reading()` or `writing()`.

    An account has ten in a Region, so they are read as a whole and never cached.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all_of(self, account: str, region: str) -> list[CustomStore]:
        """The stores of an account and Region, oldest first."""
        return self._many("account = ? AND region = ? ORDER BY n", (account, region))

    def by_number(self, n: int) -> CustomStore:
        """The store with number `n`, which exists."""
        return self._many("n = ?", (n,))[0]

    def find(self, n: int) -> CustomStore | None:
        """The store with number `n`, None when it is gone."""
        return next(iter(self._many("n = ?", (n,))), None)

    def insert(self, store: CustomStore) -> CustomStore:
        """Add a store; its number is chosen here."""
        row = (*_row(store)[1:],)
        cursor = self._connection.execute(
            f"INSERT INTO custom_stores ({_FIELDS[3:]}) VALUES ({', '.join('?' * len(row))}) RETURNING n",  # noqa: S608
            row,
        )
        return self.by_number(cursor.fetchone()[0])

    def update(self, store: CustomStore, changes: Mapping[str, Any]) -> CustomStore:
        """Set columns of `store`, named as in `CustomStore`; the store as it is now."""
        assignments = ", ".join(f"{column} = ?" for column in changes)
        values = [json.dumps(value) if isinstance(value, dict) else value for value in changes.values()]
        self._connection.execute(
            f"UPDATE custom_stores SET {assignments} WHERE n = ?",  # noqa: S608  the columns are ours
            (*values, store.n),
        )
        return self.by_number(store.n)

    def delete(self, store: CustomStore) -> None:
        """Remove the store, which has no keys."""
        self._connection.execute("DELETE FROM custom_stores WHERE n = ?", (store.n,))

    def has_keys(self, store: CustomStore) -> bool:
        """Whether any key is in the store, whatever its state."""
        return self._any("custom_store = ?", (store.n,))

    def has_external_key(self, store: CustomStore, xks_key_id: str) -> bool:
        """Whether a key of the store is associated with this external key."""
        return self._any("custom_store = ? AND xks_key_id = ?", (store.n, xks_key_id))

    def to_settle(self, now: int) -> list[CustomStore]:
        """Stores whose attempt to connect is over at `now`, oldest first."""
        return self._many("connected_at IS NOT NULL AND connected_at <= ? ORDER BY connected_at, n", (now,))

    def make_keys_unavailable(self, store: CustomStore) -> None:
        """Let the keys rest that are enabled or disabled. Whoever calls drops the cached keys."""
        self._connection.execute(
            "UPDATE keys SET resting_state = state, state = 'Unavailable'"
            " WHERE custom_store = ? AND state IN ('Enabled', 'Disabled')",
            (store.n,),
        )

    def make_keys_available(self, store: CustomStore) -> None:
        """Give the keys that rest their state back. Whoever calls drops the cached keys."""
        self._connection.execute(
            "UPDATE keys SET state = resting_state, resting_state = NULL"
            " WHERE custom_store = ? AND state = 'Unavailable'",
            (store.n,),
        )

    def _any(self, condition: str, arguments: tuple[object, ...]) -> bool:
        found = self._connection.execute(f"SELECT 1 FROM keys WHERE {condition} LIMIT 1", arguments)  # noqa: S608
        return found.fetchone() is not None

    def _many(self, condition: str, arguments: tuple[object, ...]) -> list[CustomStore]:
        return [_store(row) for row in self._connection.execute(_SELECT + condition, arguments)]


def _row(store: CustomStore) -> tuple[Any, ...]:
    values = [getattr(store, name) for name in _FIELDS.split(", ")]
    return tuple(json.dumps(value) if isinstance(value, dict) else value for value in values)


def _store(row: tuple[Any, ...]) -> CustomStore:
    values: tuple[Any, ...] = (*row[:10], json.loads(row[10]), row[11])
    return CustomStore(*values)
