"""How far the engine's time is ahead of the machine's."""

from __future__ import annotations

from typing import Final

from reconciler.engine.store.database import Database

_NAME: Final = "clock_offset"
_NEVER: Final = -1
"""A generation that no store is ever in."""


class ClockOffset:
    """One number for all processes of a data folder, kept in memory as long as the store does not change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._generation = _NEVER
        self._value = 0

    def current(self) -> int:
        """Microseconds to add to the machine's time. The store must not be held."""
        generation = self._database.generation()
        if generation != self._generation:
            with self._database.reading():
                row = self._database.connection.execute("SELECT value FROM meta WHERE name = ?", (_NAME,)).fetchone()
            self._value = int(row[0]) if row else 0
            self._generation = _NEVER if generation % 2 else generation
        return self._value

    def grow(self, by: int) -> None:
        """Add `by` microseconds. Call inside the database's `writing()`."""
        self._database.connection.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + ?",
            (_NAME, by, by),
        )
