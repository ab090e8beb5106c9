"""How often each account called in the current second, counted by all processes of a data folder together.

The counts are a table in one small file that every process maps into its memory and changes under a lock on the file.
A process that is killed leaves nothing locked. An entry is a hash of what is counted, the end of its window, and
the count; an entry of a window that is over is free. A window is one second, or longer for quotas below one request a
second. The table has room for 4,096 counts in one second; beyond that, and when sixteen of one place in the table are
taken, the count whose window is over first is forgotten: throttling errs on the caller's side.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from reconciler.engine.instants import DAY, SECOND

FILE_NAME: Final = "kms.quota-counts"
_SLOTS: Final = 4_096
_PROBES: Final = 16
_ENTRY: Final = struct.Struct("<QQQ")
"""Hash, end of the window in microseconds, count."""
_COUNT: Final = struct.Struct("<Q")
_COUNT_AT: Final = 16
"""Where in an entry the count is."""
_SIZE: Final = _SLOTS * _ENTRY.size


@dataclass(frozen=True, slots=True)
class Counted:
    """What a call takes of one quota; `Counted.of` makes one."""

    digest: int
    """A hash of whose quota it is, and which."""
    cost: int
    most: int
    """Requests in a window."""
    window: int
    """Microseconds of a window."""

    @classmethod
    def of(cls, name: str, cost: int, rate: float) -> Counted:
        """What takes `cost` of the quota `name`, which is `rate` requests a second: 0.25 is 1 in 4 seconds.

        What costs more than a window has room for passes once in a window. No window is longer than a day.
        """
        seconds, most = (1, int(rate)) if rate >= 1 else (round(1 / rate), 1)
        return cls(_hash(name), cost, max(most, cost), min(seconds * SECOND, DAY))


class Counters:
    """The table. Threads and processes may share it.

    Raises:
        OSError: the file cannot be made or mapped.
    """

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(self._file).st_size < _SIZE:
                os.ftruncate(self._file, _SIZE)  # zeros: every entry is free
            self._table = mmap.mmap(self._file, _SIZE)
        except BaseException:
            os.close(self._file)
            raise
        self._lock = threading.Lock()

    def take(self, counted: Sequence[Counted], now: int) -> bool:
        """Count a call at `now` (microseconds) against all of these quotas, or against none and say False."""
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                return self._take(counted, now)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        self._table.close()
        os.close(self._file)

    def _take(self, counted: Sequence[Counted], now: int) -> bool:
        places = [(each, *self._place(each, now)) for each in counted]
        for each, _, used in places:
            if used + each.cost > each.most:
                return False
        for each, offset, used in places:
            _COUNT.pack_into(self._table, offset + _COUNT_AT, used + each.cost)
        return True

    def _place(self, counted: Counted, now: int) -> tuple[int, int]:
        """Where the count of the window at `now` is, and what it is.

        Another process's clock may be ahead by a window; what is further ahead was counted before a reset.
        """
        end, digest = now - now % counted.window + counted.window, counted.digest
        offset = self._find(digest, now)
        found, until, used = _ENTRY.unpack_from(self._table, offset)
        if found == digest and end <= until <= end + counted.window:
            return offset, used
        _ENTRY.pack_into(self._table, offset, digest, end, 0)
        return offset, 0

    def _find(self, digest: int, now: int) -> int:
        """The entry of `digest`, or else a free one, or else the one near by that is over first."""
        chosen, earliest = digest % _SLOTS * _ENTRY.size, now + 3 * DAY
        for probe in range(_PROBES):
            offset = (digest + probe) % _SLOTS * _ENTRY.size
            found, until, _ = _ENTRY.unpack_from(self._table, offset)
            if found == digest:
                return offset
            if until > now + 2 * DAY:
                until = 0
            if until < earliest:
                chosen, earliest = offset, until
        return chosen


def _hash(name: str) -> int:
    """A number that is not 0, which marks entries that were never used."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little") or 1
