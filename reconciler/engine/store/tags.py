"""Tags, and the search for keys by tags."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from reconciler.engine.store.records import Key

_TAGGED: Final = "EXISTS (SELECT 1 FROM tags AS t WHERE t.key = k.n{})"


class Tags:
    """The table `tags`. Call inside the database's `reading()` or `writing()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def page(self, key: Key, after: str, limit: int) -> list[tuple[str, str]]:
        """Up to `limit` tags of `key` behind the tag key `after`, by tag key."""
        return self._connection.execute(
            "SELECT name, value FROM tags WHERE key = ? AND name > ? ORDER BY name LIMIT ?", (key.n, after, limit)
        ).fetchall()

    def all_of(self, n: int) -> dict[str, str]:
        """Every tag of the key with number `n`, by tag key."""
        return dict(self._connection.execute("SELECT name, value FROM tags WHERE key = ? ORDER BY name", (n,)))

    def put(self, key: Key, tags: Mapping[str, str]) -> None:
        """Set `tags`, replacing the values of those that are there."""
        self._connection.executemany(
            "INSERT INTO tags (key, name, value) VALUES (?, ?, ?)"
            " ON CONFLICT (key, name) DO UPDATE SET value = excluded.value",
            [(key.n, name, value) for name, value in tags.items()],
        )

    def remove(self, key: Key, names: Iterable[str]) -> None:
        """Remove the tags with these tag keys, as far as they are there."""
        self._connection.executemany("DELETE FROM tags WHERE key = ? AND name = ?", [(key.n, name) for name in names])

    def keys_with(
        self, place: tuple[str, str], filters: Sequence[tuple[str, Sequence[str]]], after: int, limit: int
    ) -> list[int]:
        """Numbers of up to `limit` tagged keys behind number `after`, in order of number.

        The search walks the tags of the first filter that has one value, and all keys of the place only without one.

        Args:
            place: account and Region.
            filters: tag keys, each with the values that satisfy it (none: any value); all must be satisfied.
            after: the number behind which to begin.
            limit: how many at most.
        """
        lead = next((index for index, (_, values) in enumerate(filters) if len(values) == 1), None)
        rest = [chosen for index, chosen in enumerate(filters) if index != lead]
        tables, conditions, arguments = "keys AS k", ["k.account = ?", "k.region = ?", "k.n > ?"], [*place, after]
        if lead is not None:
            tables = "tags AS d CROSS JOIN keys AS k ON k.n = d.key"
            conditions = ["d.name = ?", "d.value = ?", "d.key > ?", "k.account = ?", "k.region = ?"]
            arguments = [filters[lead][0], filters[lead][1][0], after, *place]
        for name, values in rest:
            conditions.append(_TAGGED.format(f" AND t.name = ?{_among(values)}"))
            arguments += [name, *values]
        if not filters:
            conditions.append(_TAGGED.format(""))
        order = "k.n" if lead is None else "d.key"
        rows = self._connection.execute(
            f"SELECT k.n FROM {tables} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?",  # noqa: S608  all ours
            (*arguments, limit),
        )
        return [row[0] for row in rows]


def _among(values: Sequence[str]) -> str:
    return f" AND t.value IN ({', '.join('?' * len(values))})" if values else ""
