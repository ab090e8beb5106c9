"""Grants."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from reconciler.engine.store.records import Grant, Key

CACHED_GRANTEES: Final = 4_096
"""Grantees of keys whose grants are kept in memory."""
CACHED_GRANTS: Final = 100
"""Grants of one grantee on one key; who has more is looked up each time."""

_SELECT: Final = "SELECT n, key, grant_id, created, grantee, retiring, body FROM grants WHERE "


class Grants:
    """The table `grants`. Call inside the database's `reading()` or `writing()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._by_grantee: dict[tuple[int, tuple[str, ...]], list[Grant]] = {}

    def forget_cached(self) -> None:
        """Drop what is cached: the rows may have changed."""
        self._by_grantee.clear()

    def find(self, key: Key, grant_id: str) -> Grant | None:
        """The grant on `key`, or None."""
        return self._one("key = ? AND grant_id = ?", (key.n, grant_id))

    def same(self, key: Key, digest: str) -> Grant | None:
        """The named grant on `key` whose name and parameters have this digest, or None."""
        return self._one("key = ? AND digest = ?", (key.n, digest))

    def page(self, key: Key, filters: Mapping[str, str], after: int, limit: int) -> list[Grant]:
        """Up to `limit` grants on `key` behind number `after`, oldest first; `filters` are column values to match."""
        conditions = "".join(f" AND {column} = ?" for column in filters)
        return self._many(f"key = ? AND n > ?{conditions} ORDER BY n LIMIT ?", (key.n, after, *filters.values(), limit))

    def of_grantees(self, key: Key, grantees: tuple[str, ...]) -> list[Grant]:
        """The grants on `key` whose grantee is named one of `grantees`, oldest first."""
        question = (key.n, grantees)
        known = self._by_grantee.get(question)
        if known is None:
            marks = ", ".join("?" * len(grantees))
            found = self._many(f"key = ? AND grantee IN ({marks})", (key.n, *grantees))
            known = sorted(found, key=lambda grant: grant.n)
            self._remember(question, known)
        return known

    def retirable(self, principal: str, region: str, after: int, limit: int) -> list[Grant]:
        """Up to `limit` grants in `region` that `principal` may retire, behind number `after`, oldest first."""
        return self._many("retiring = ? AND region = ? AND n > ? ORDER BY n LIMIT ?", (principal, region, after, limit))

    def count(self, key: Key) -> int:
        """How many grants `key` has."""
        count: int = self._connection.execute("SELECT count(*) FROM grants WHERE key = ?", (key.n,)).fetchone()[0]
        return count

    def insert(self, key: Key, grant_id: str, digest: str | None, body: Mapping[str, Any], now: int) -> None:
        """Add a grant; `digest` is given when it has a name. `body` has AWS's names."""
        self.forget_cached()
        self._connection.execute(
            "INSERT INTO grants (key, account, region, grant_id, digest, created, grantee, retiring, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key.n,
                key.account,
                key.region,
                grant_id,
                digest,
                now,
                body.get("GranteePrincipal") or body["GranteeServicePrincipal"],
                body.get("RetiringPrincipal") or body.get("RetiringServicePrincipal"),
                json.dumps(body),
            ),
        )

    def delete(self, grant: Grant) -> None:
        """Remove the grant."""
        self.forget_cached()
        self._connection.execute("DELETE FROM grants WHERE n = ?", (grant.n,))

    def _remember(self, question: tuple[int, tuple[str, ...]], grants: list[Grant]) -> None:
        if len(grants) <= CACHED_GRANTS:
            if len(self._by_grantee) >= CACHED_GRANTEES:
                self._by_grantee.clear()
            self._by_grantee[question] = grants

    def _one(self, condition: str, arguments: tuple[object, ...]) -> Grant | None:
        found = self._many(condition, arguments)
        return found[0] if found else None

    def _many(self, condition: str, arguments: tuple[object, ...]) -> list[Grant]:
        rows = self._connection.execute(_SELECT + condition, arguments)
        return [_grant(row) for row in rows]


def _grant(row: tuple[Any, ...]) -> Grant:
    values: tuple[Any, ...] = (*row[:6], json.loads(row[6]))
    return Grant(*values)
