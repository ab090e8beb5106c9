"""How often each account called in the current second, counted by all processes of a data folder together.

The counts are a table in one small file that every process maps into its memory and changes under a lock on the file.
A process that is killed leaves nothing locked. An entry is a hash of what is counted, the window that it counts, and
the count; an entry of a window that is over is free. A window is one second, or longer for quotas below one request a
second. The table has room for 4,096 counts in one second; beyond that, and when sixteen of one place in the table are
taken, the oldest count there is forgotten, so that throttling errs on the caller's side.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from reconciler.engine.instants import SECOND

FILE_NAME: Final = "kms.quota-counts"
_SLOTS: Final = 4_096
_PROBES: Final = 16
_ENTRY: Final = struct.Struct("<QQQ")
"""Hash, window, count."""
_COUNT: Final = struct.Struct("<Q")
_COUNT_AT: Final = 16
"""Where in an entry the count is."""
_SIZE: Final = _SLOTS * _ENTRY.size


@dataclass(frozen=True, slots=True)
class Counted:
    """One quota as it is counted now."""

    name: str
    """Whose quota it is, and which."""
    cost: int
    rate: float
    """Requests per second."""


class Counters:
    """The table. Threads and processes may share it.

    Raises:
        OSError: the file cannot be made or mapped.
    """

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
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
        places = [self._place(each, now) for each in counted]
        for each, (_, used, most) in zip(counted, places, strict=True):
            if used + each.cost > most:
                return False
        for each, (offset, used, _) in zip(counted, places, strict=True):
            _COUNT.pack_into(self._table, offset + _COUNT_AT, used + each.cost)
        return True

    def _place(self, counted: Counted, now: int) -> tuple[int, int, int]:
        """Where the count of the window at `now` is, what it is, and the most that it may be."""
        length, most = _window(counted.rate)
        window, digest = now // (length * SECOND), _hash(counted.name)
        offset = self._find(digest, window)
        found, then, used = _ENTRY.unpack_from(self._table, offset)
        if found != digest or then < window:
            used = 0
            _ENTRY.pack_into(self._table, offset, digest, window, 0)
        return offset, used, max(most, counted.cost)

    def _find(self, digest: int, window: int) -> int:
        """The entry of `digest`, or else a free one, or else the oldest near by."""
        oldest, age = digest % _SLOTS * _ENTRY.size, window + 1
        for probe in range(_PROBES):
            offset = (digest + probe) % _SLOTS * _ENTRY.size
            found, then, _ = _ENTRY.unpack_from(self._table, offset)
            if found == digest:
                return offset
            if then < age:
                oldest, age = offset, then
        return oldest


def _window(rate: float) -> tuple[int, int]:
    """Seconds of a window, and requests in it: 0.25 a second is 1 in 4 seconds."""
    return (1, int(rate)) if rate >= 1 else (round(1 / rate), 1)


@lru_cache(maxsize=_SLOTS)
def _hash(name: str) -> int:
    """A number that is not 0, which marks entries that were never used."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little") or 1
