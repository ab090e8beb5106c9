"""Refusing a request that was served before: a table of signatures that all worker processes share.

The table is a file of a fixed size in the data folder, mapped into memory. It outlives a restart, but not the machine's
loss of power. A signature is kept until its request would be too old anyway. The minute of that decides in which of
`PARTS` parts of the table it is, so that only a few pages are in use at a time; there it has two places, by two parts
of itself (buckets of `WAYS` entries), and goes to the second when the first is full.

Bound: `BUCKETS` * `WAYS` = 4,194,304 signatures at once, 48 MiB of disk, which are written only as they fill. At five
to six minutes a signature that is about 5,000 requests a second without end; at 6,000 one in a thousand finds both its
buckets full of others that still count. It is refused as throttled: what cannot be remembered is not served.
"""

from __future__ import annotations

import enum
import fcntl
import mmap
import os
import struct
from pathlib import Path
from typing import Final

from reconciler.engine.store.files import REPLAYS_NAME
from reconciler.engine.store.trouble import folder_trouble

BUCKETS: Final = 1 << 18
PARTS: Final = 4
WAYS: Final = 16
_TAG: Final = 8
"""Bytes of a signature that stand for it in its bucket."""
_TIMES: Final = struct.Struct(f"<{WAYS}I")
_ONE: Final = struct.Struct("<I")
_PLACES: Final = struct.Struct("<II")
_BUCKET: Final = _TIMES.size + WAYS * _TAG
_PART: Final = BUCKETS // PARTS
"""Buckets of a part."""
SIZE: Final = BUCKETS * _BUCKET
"""Bytes of the file."""


class Seen(enum.Enum):
    """What the table says of a signature."""

    NEVER = "never"
    """It is new, and kept from now on."""
    BEFORE = "before"
    FULL = "full"
    """It may be new, but there is no room to keep it."""


class Replays:
    """The table, open in this process; its methods are for one thread."""

    def __init__(self, data: Path) -> None:
        """Open the table in the folder `data`, made if it is not there.

        Raises:
            KmsctlError: the file cannot be used.
        """
        path = data / REPLAYS_NAME
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            if os.fstat(self._file).st_size < SIZE:
                os.ftruncate(self._file, SIZE)
            self._map = mmap.mmap(self._file, SIZE)
            fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError as error:
            raise folder_trouble(error, path) from None

    def see(self, signature: bytes, until: int, now: int) -> Seen:
        """Look for `signature` (32 bytes) and keep it.

        Args:
            signature: what was verified.
            until: the last second in which its request could be accepted, since the epoch.
            now: this second.
        """
        first, second = _PLACES.unpack_from(signature)
        tag = signature[8 : 8 + _TAG]
        base = until // 60 % PARTS * _PART * _BUCKET
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            return self._look(base + first % _PART * _BUCKET, base + second % _PART * _BUCKET, tag, until, now)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
        os.close(self._file)

    def _look(self, first: int, second: int, tag: bytes, until: int, now: int) -> Seen:
        one, other = self._map[first : first + _BUCKET], self._map[second : second + _BUCKET]
        if _holds(one, tag, now) or _holds(other, tag, now):
            return Seen.BEFORE
        for bucket, content in ((first, one), (second, other)):
            times = _TIMES.unpack_from(content)
            oldest = min(times)
            if oldest < now:
                self._keep(bucket, times.index(oldest), tag, until)
                return Seen.NEVER
        return Seen.FULL

    def _keep(self, bucket: int, way: int, tag: bytes, until: int) -> None:
        at = bucket + _TIMES.size + way * _TAG
        self._map[at : at + _TAG] = tag
        _ONE.pack_into(self._map, bucket + way * _ONE.size, until)


def _holds(bucket: bytes, tag: bytes, now: int) -> bool:
    """Whether `tag` is in the bucket, in a place of its own and for a time that has not passed."""
    at = bucket.find(tag, _TIMES.size)
    while at >= 0:
        way, inside = divmod(at - _TIMES.size, _TAG)
        if not inside and _ONE.unpack_from(bucket, way * _ONE.size)[0] >= now:
            return True
        at = bucket.find(tag, at + 1)
    return False
