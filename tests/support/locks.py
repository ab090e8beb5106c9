"""Locks that tell who comes to them."""

from __future__ import annotations

import threading


class Counted:
    """A lock; `came` has one more for each who wants it, whether or not he has to wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.came = threading.Semaphore(0)

    def __enter__(self) -> bool:
        self.came.release()
        return self._lock.__enter__()

    def __exit__(self, *how: object) -> None:
        self._lock.release()
