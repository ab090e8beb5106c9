"""How processes that share a store learn that one of them changed it: a number in a file that all of them map.

Looking at it costs a memory access, where SQLite's `data_version` costs several system calls. It is even while nothing
is being changed, odd while a change is being committed, and never again what it was before a change. Whoever finds it
even and as it was knows that the store is as it was; whoever does not asks SQLite. So a process that dies while it
commits leaves it odd: that makes the others slower, never wrong, until the next change puts it right.
"""

from __future__ import annotations

import mmap
import os
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

FILE_NAME: Final = "kms.generation"
_BYTES: Final = 8
_WRAP: Final = 2**64
_UNKNOWN: Final = -1
"""A generation that no store is ever in."""


class Generation:
    """The number. `current` is read by everybody at any time; only who holds SQLite's write lock changes it.

    Raises:
        OSError: the file cannot be made or mapped.
    """

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(self._file).st_size < _BYTES:
                os.ftruncate(self._file, _BYTES)
            self._map = mmap.mmap(self._file, _BYTES)
        except BaseException:
            os.close(self._file)
            raise
        self._word: memoryview[int] | array[int] = memoryview(self._map).cast("Q")
        self.seen = _UNKNOWN
        """The generation that this process's caches are of."""

    def is_seen(self) -> bool:
        """Whether nothing has changed, nor is being changed, since what is `seen`."""
        return self._word[0] == self.seen

    def current(self) -> int:
        """The number as it is now; odd while a change is being committed, and when one was cut off."""
        return self._word[0]

    def saw(self, generation: int) -> None:
        """Note that the caches are of `generation`, which was read before SQLite was asked."""
        self.seen = _UNKNOWN if generation % 2 else generation

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around the commit of a change; its end is seen by all processes before it is acknowledged.

        Its maker has the turn (`turn.Turn`) until it has ended, so that the end of one commit never covers the
        beginning of the next, which SQLite would already let in.
        """
        try:
            odd = self._word[0] | 1
            self._word[0] = odd
            yield
            self._word[0] = self.seen = (odd + 1) % _WRAP
        except BaseException:
            self._word[0] = ((self._word[0] | 1) + 1) % _WRAP  # whatever was committed, all look again
            raise

    def close(self) -> None:
        """Let the file go; from then on nothing counts as seen."""
        if isinstance(self._word, memoryview):
            self._word.release()
            self._word = array("Q", [1])
            self._map.close()
            os.close(self._file)


def retire(file: Path) -> None:
    """Let every process that has `file` mapped ask SQLite, and see that the store is gone. Call before removing it."""
    if file.is_symlink():
        return  # it is not ours, and nobody has it mapped
    with suppress(FileNotFoundError):
        opened = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.pwrite(opened, b"\xff" * _BYTES, 0)
        finally:
            os.close(opened)
