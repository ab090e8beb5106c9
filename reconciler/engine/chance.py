"""Random bytes of the operating system, drawn many at a time: asking for them costs more than most of a call."""

from __future__ import annotations

import os
from typing import Final

_AT_ONCE: Final = 128


class Drawn:
    """Pieces of `size` random bytes; each is given out once, to one thread of one process.

    What is drawn lies in memory until it is used: this is for salts and ids, which are told to everybody, not for keys.
    """

    __slots__ = ("_pieces", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces: list[bytes] = []
        os.register_at_fork(after_in_child=self._pieces.clear)

    def __call__(self) -> bytes:
        """The next piece."""
        try:
            return self._pieces.pop()
        except IndexError:
            drawn = os.urandom(self._size * _AT_ONCE)
            self._pieces.extend(drawn[at : at + self._size] for at in range(self._size, len(drawn), self._size))
            return drawn[: self._size]
