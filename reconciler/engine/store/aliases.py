"""Aliases."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from typing import Final

from reconciler.engine.store.records import Alias, Key

CACHED_ALIASES: Final = 16_384
"""Aliases whose target is kept in memory, least recently used out first."""

_SELECT: Final = (
    "SELECT a.name, a.key, k.key_id, a.created, a.updated FROM aliases AS a JOIN keys AS k ON k.n = a.key WHERE "
)


class Aliases:
    """The table `aliases`. Call inside the database's `reading()` or `writing()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._targets: OrderedDict[tuple[str, str, str], str] = OrderedDict()

    def forget_cached(self) -> None:
        """Drop what is cached: the rows may have changed."""
        self._targets.clear()

    def target(self, account: str, region: str, name: str) -> str | None:
        """The id of the key that the alias names, or None."""
        place = (account, region, name)
        known = self._targets.get(place)
        if known is not None:
            self._targets.move_to_end(place)
            return known
        alias = self.find(account, region, name)
        if alias is None:
            return None
        self._targets[place] = alias.key_id
        if len(self._targets) > CACHED_ALIASES:
            self._targets.popitem(last=False)
        return alias.key_id

    def find(self, account: str, region: str, name: str) -> Alias | None:
        """The alias, or None."""
        row = self._connection.execute(
            _SELECT + "a.account = ? AND a.region = ? AND a.name = ?", (account, region, name)
        ).fetchone()
        return Alias(*row) if row else None

    def has_any(self, account: str, region: str, prefix: str) -> bool:
        """Whether an alias begins with `prefix`, which ends in a character of ASCII."""
        beyond = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        row = self._connection.execute(
            "SELECT 1 FROM aliases WHERE account = ? AND region = ? AND name > ? AND name < ? LIMIT 1",
            (account, region, prefix, beyond),
        ).fetchone()
        return row is not None

    def page(self, account: str, region: str, after: str, limit: int) -> list[Alias]:
        """Up to `limit` aliases behind the name `after`, by name."""
        rows = self._connection.execute(
            _SELECT + "a.account = ? AND a.region = ? AND a.name > ? ORDER BY a.name LIMIT ?",
            (account, region, after, limit),
        )
        return [Alias(*row) for row in rows]

    def page_of(self, key: Key, after: str, limit: int) -> list[Alias]:
        """Up to `limit` aliases of `key` behind the name `after`, by name."""
        rows = self._connection.execute(
            _SELECT + "a.key = ? AND a.name > ? ORDER BY a.name LIMIT ?", (key.n, after, limit)
        )
        return [Alias(*row) for row in rows]

    def names_of(self, key: Key) -> list[str]:
        """The names of all aliases of `key`, sorted."""
        rows = self._connection.execute("SELECT name FROM aliases WHERE key = ? ORDER BY name", (key.n,))
        return [row[0] for row in rows]

    def count(self, key: Key) -> int:
        """How many aliases `key` has."""
        count: int = self._connection.execute("SELECT count(*) FROM aliases WHERE key = ?", (key.n,)).fetchone()[0]
        return count

    def insert(self, key: Key, name: str, now: int) -> None:
        """Name `key`; the name is free."""
        self._connection.execute(
            "INSERT INTO aliases (account, region, name, key, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
            (key.account, key.region, name, key.n, now, now),
        )
        self._targets.pop((key.account, key.region, name), None)

    def move(self, key: Key, name: str, now: int) -> None:
        """Let the alias, which is in the account and Region of `key`, name `key`."""
        place = (key.account, key.region, name)
        self._connection.execute(
            "UPDATE aliases SET key = ?, updated = ? WHERE account = ? AND region = ? AND name = ?",
            (key.n, now, *place),
        )
        self._targets.pop(place, None)

    def delete(self, account: str, region: str, name: str) -> None:
        """Remove the alias."""
        place = (account, region, name)
        self._connection.execute("DELETE FROM aliases WHERE account = ? AND region = ? AND name = ?", place)
        self._targets.pop(place, None)
