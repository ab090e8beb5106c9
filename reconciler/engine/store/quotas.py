"""Quotas that were raised, and the number of keys that counts against one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping


class Quotas:
    """The tables `quotas` and `key_tallies`. Call inside the database's `reading()` or `writing()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._raised: dict[tuple[str, str], Mapping[str, float]] = {}

    def forget_cached(self) -> None:
        """Drop what is cached: the rows may have changed."""
        self._raised.clear()

    def raised(self, account: str, region: str) -> Mapping[str, float]:
        """The quotas of an account and Region that do not have their default values, by name."""
        place = (account, region)
        known = self._raised.get(place)
        if known is None:
            known = self._raised[place] = dict(
                self._connection.execute("SELECT name, value FROM quotas WHERE account = ? AND region = ?", place)
            )
        return known

    def set(self, account: str, region: str, name: str, value: float) -> None:
        """Give a quota another value."""
        self._connection.execute(
            "INSERT INTO quotas (account, region, name, value) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (account, region, name) DO UPDATE SET value = excluded.value",
            (account, region, name, value),
        )
        self._raised.clear()

    def reset(self, account: str, region: str) -> None:
        """Give all quotas of an account and Region their default values again."""
        self._connection.execute("DELETE FROM quotas WHERE account = ? AND region = ?", (account, region))
        self._raised.clear()

    def keys_of(self, account: str, region: str) -> int:
        """How many customer managed keys there are, in any state."""
        row = self._connection.execute(
            "SELECT count FROM key_tallies WHERE account = ? AND region = ?", (account, region)
        ).fetchone()
        return row[0] if row else 0
