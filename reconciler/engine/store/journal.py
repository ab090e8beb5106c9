"""What of the audit record need not be written at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reconciler.engine.instants import SECOND
from reconciler.engine.store.segments import Entry

BATCH_ENTRIES: Final = 1_000
"""Entries that may wait in memory."""
BATCH_AGE: Final = SECOND
"""Microseconds that the oldest of them may wait, if a call comes by to notice."""


MOST: Final = 4 * BATCH_ENTRIES
"""Entries beyond which no call begins before what waits is written: the store cannot be written, or not fast enough."""


class Journal:
    """Entries that wait, oldest first. Any thread adds; whoever holds the store takes, and forgets what it wrote."""

    def __init__(self) -> None:
        self._waiting: list[Entry] = []
        self._taken = 0
        self.changes = 0
        """How often something was written or dropped."""

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, entry: Entry) -> None:
        """Let `entry` wait."""
        self._waiting.append(entry)

    def overdue(self, now: int) -> bool:
        """Whether what waits should be written at `now`."""
        if len(self._waiting) >= BATCH_ENTRIES:
            return True
        oldest = self._waiting[:1]  # a copy: others may write what waits meanwhile
        return bool(oldest) and now - oldest[0].time >= BATCH_AGE

    def last_used(self, key: int) -> int | None:
        """When the key with this number last served one of the calls that wait; None when it served none."""
        times = (entry.time for entry in reversed(self._waiting[:]) for number, _ in entry.used if number == key)
        return next(times, None)

    def full(self) -> bool:
        """Whether no more may come before what waits is written."""
        return len(self._waiting) >= MOST

    def waiting(self) -> tuple[Sequence[Entry], int]:
        """What waits now, and `changes`: as long as that is the same, it is still what waits first."""
        changes = self.changes
        return self._waiting[:], changes

    def take(self) -> Sequence[Entry]:
        """What waits now, to be written; it stays until that is done."""
        taken = self._waiting[:]
        self.promise(len(taken))
        return taken

    def promise(self, count: int) -> None:
        """Say that the first `count` of what waits are being written; they stay until that is done."""
        self._taken = count

    def forget_written(self) -> None:
        """Drop what was taken: it is written. What came since goes on waiting."""
        del self._waiting[: self._taken]
        self._taken = 0
        self.changes += 1

    def drop(self) -> None:
        """Forget what waits; it is about a store that was cleared."""
        del self._waiting[:]
        self._taken = 0
        self.changes += 1
