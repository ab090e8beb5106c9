"""Key materials: the history of each key."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Final

from reconciler.engine.store.records import HistoricMaterial, Key, SealedMaterial

_HISTORY: Final = (
    "SELECT serial, material_id, created, rotation_type, sealed IS NOT NULL, pending, valid_to, description"
    " FROM materials WHERE key = ? AND "
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the materials that belong to a key for good: how many there are, how many are there, the earliest expiry."""

    total: int
    present: int
    valid_to: int | None

    @property
    def complete(self) -> bool:
        """Whether all are there, and there is one."""
        return 0 < self.total == self.present


class Materials:
    """The table `materials`. Call inside the database's `reading()` or `writing()`.

    The materials of a key in one Region are rows of their own: what multi-Region keys share is copied, since imported
    material comes and goes in each Region by itself.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, key: Key, material_id: str) -> SealedMaterial | None:
        """One material of `key` that is there, or None."""
        row = self._connection.execute(
            "SELECT material_id, sealed, public FROM materials WHERE key = ? AND material_id = ?"
            " AND sealed IS NOT NULL",
            (key.n, material_id),
        ).fetchone()
        return SealedMaterial(*row) if row else None

    def add(self, key: Key, material: SealedMaterial, at: int, rotation_type: str | None) -> None:
        """Append `material` to the history of `key`; making it current is `Keys.update`."""
        self._append(key, material.material_id, at, rotation_type)
        self._set(key, material.material_id, {"sealed": material.sealed, "public": material.public})

    def expect(self, key: Key, material_id: str, at: int, *, pending: bool) -> None:
        """Append imported material that is still to come to `key`."""
        self._append(key, material_id, at, None)
        self._set(key, material_id, {"pending": pending})

    def put(self, key: Key, material: SealedMaterial, valid_to: int | None, description: str | None) -> None:
        """Let imported material that is in the history of `key` be there; without `description` it keeps its own."""
        changes: dict[str, Any] = {"sealed": material.sealed, "public": material.public, "valid_to": valid_to}
        self._set(key, material.material_id, changes | ({} if description is None else {"description": description}))

    def take(self, key: Key, material_id: str) -> None:
        """Let imported material be gone, and stay in the history."""
        self._set(key, material_id, {"sealed": None, "public": None, "valid_to": None})

    def drop(self, key: Key, material_id: str) -> None:
        """Strike a material out of the history."""
        self._connection.execute("DELETE FROM materials WHERE key = ? AND material_id = ?", (key.n, material_id))

    def make_rotated(self, key: Key, material_id: str, at: int, rotation_type: str) -> None:
        """Note that a pending material became current."""
        self._set(key, material_id, {"pending": 0, "created": at, "rotation_type": rotation_type})

    def copy(self, source: Key, target: Key, *, present: bool) -> None:
        """Give `target`, which has none, the history of `source`; the materials themselves only if `present`."""
        self._connection.execute(
            "INSERT INTO materials (key, serial, material_id, sealed, public, created, rotation_type, pending)"
            " SELECT ?, serial, material_id, iif(?, sealed, NULL), iif(?, public, NULL), created, rotation_type,"
            " pending FROM materials WHERE key = ? ORDER BY serial",
            (target.n, present, present, source.n),
        )

    def history(self, key: Key, after: int, limit: int, *, rotated_only: bool) -> list[HistoricMaterial]:
        """Up to `limit` materials behind serial `after`, oldest first; perhaps only those that a rotation made."""
        return self._history(
            "serial > ? AND (NOT ? OR rotation_type IS NOT NULL) ORDER BY serial LIMIT ?",
            (key.n, after, rotated_only, limit),
        )

    def known(self, key: Key, material_id: str) -> HistoricMaterial | None:
        """The material in the history of `key`, or None."""
        found = self._history("material_id = ?", (key.n, material_id))
        return found[0] if found else None

    def pending(self, key: Key) -> HistoricMaterial | None:
        """The material that waits for a rotation, or None."""
        found = self._history("pending", (key.n,))
        return found[0] if found else None

    def expired(self, key: Key, now: int) -> list[HistoricMaterial]:
        """Imported material of `key` that has expired at `now`, oldest first."""
        return self._history("valid_to <= ? ORDER BY serial", (key.n, now))

    def next_expiry(self, key: Key) -> int | None:
        """The earliest expiry of imported material of `key`, or None."""
        row = self._connection.execute("SELECT min(valid_to) FROM materials WHERE key = ?", (key.n,)).fetchone()
        expiry: int | None = row[0]
        return expiry

    def standing(self, key: Key) -> Standing:
        """How it stands with the materials that belong to `key` for good."""
        row = self._connection.execute(
            "SELECT count(*), count(sealed), min(valid_to) FROM materials WHERE key = ? AND NOT pending", (key.n,)
        ).fetchone()
        return Standing(*row)

    def _append(self, key: Key, material_id: str, at: int, rotation_type: str | None) -> None:
        self._connection.execute(
            "INSERT INTO materials (key, serial, material_id, created, rotation_type)"
            " SELECT ?, 1 + coalesce(max(serial), 0), ?, ?, ? FROM materials WHERE key = ?",
            (key.n, material_id, at, rotation_type, key.n),
        )

    def _set(self, key: Key, material_id: str, changes: dict[str, Any]) -> None:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        self._connection.execute(
            f"UPDATE materials SET {assignments} WHERE key = ? AND material_id = ?",  # noqa: S608  the columns are ours
            (*changes.values(), key.n, material_id),
        )

    def _history(self, condition: str, arguments: tuple[object, ...]) -> list[HistoricMaterial]:
        return [_historic(row) for row in self._connection.execute(_HISTORY + condition, arguments)]


def _historic(row: tuple[Any, ...]) -> HistoricMaterial:
    serial, material_id, created, rotation_type, present, pending, valid_to, description = row
    return HistoricMaterial(
        serial, material_id, created, rotation_type, bool(present), bool(pending), valid_to, description
    )
