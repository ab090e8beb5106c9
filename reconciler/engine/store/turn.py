"""Whose turn it is to write: a lock that is taken before SQLite's, by the threads and processes of a data folder.

SQLite lets who finds its lock taken sleep, ten times too long in the end, and look again: with two busy writers one may
wait for a second. Here the kernel wakes whoever waits. It holds no data and proves nothing: SQLite's own lock still
does, and a process that dies lets go of both.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_CLOSED: Final = -1


class Turn:
    """Two locks: on the folder for who is next, on a file in it for who writes.

    Whoever writes and wants to write again has to wait behind who is next, so that two take turns however busy one is.

    Raises:
        OSError: folder or file cannot be opened.
    """

    def __init__(self, file: Path) -> None:
        self._threads = threading.RLock()  # a thread that is interrupted just when it lets go can still close
        self._writes = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            self._next = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except BaseException:
            os.close(self._writes)
            raise

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, and keep it; of a turn that was closed there is nothing to keep."""
        with self._threads:
            if self._writes == _CLOSED:
                yield
                return
            self._wait()
            try:
                yield
            finally:
                if self._writes != _CLOSED:
                    fcntl.flock(self._writes, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let the files go."""
        if self._writes != _CLOSED:
            for opened in (self._writes, self._next):
                os.close(opened)
            self._writes = self._next = _CLOSED

    def _wait(self) -> None:
        fcntl.flock(self._next, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._writes, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._next, fcntl.LOCK_UN)
