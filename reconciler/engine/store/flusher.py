"""Writes what waits when no call comes by to do it, so that whoever follows the record sees it soon."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from reconciler.kit.errors import KmsctlError

DELAY: Final = 1.0
"""Seconds of the machine's time that entries may wait, whether or not a call comes by."""


PATIENCE: Final = 5.0
"""Seconds to wait for a write that is on its way; a process that was interrupted in its midst must still end."""


class Flusher:
    """One daemon thread, started when something waits for the first time."""

    def __init__(self, flush: Callable[[], None], delay: float = DELAY) -> None:
        self._flush = flush
        self._delay = delay
        self._waiting = threading.Event()
        self._hurried = threading.Event()
        self._closed = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.trouble: KmsctlError | None = None
        """Why what waits could not be written when it was tried last; None when it could."""

    def wake(self) -> None:
        """Something waits: write it in a while. Any thread may say so, and say it again."""
        if self._waiting.is_set():
            return
        self._waiting.set()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="kmsctl record", daemon=True)
                self._thread.start()

    def hurry(self) -> None:
        """What waits is much already: write it now."""
        self._hurried.set()
        self.wake()

    def close(self) -> None:
        """End the thread. What waits is left to whoever closes."""
        self._closed.set()
        self._hurried.set()
        self._waiting.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        while True:
            self._waiting.wait()
            self._hurried.wait(self._delay)
            if self._closed.is_set():
                return
            self._hurried.clear()
            self._waiting.clear()
            try:
                self._flush()
            except KmsctlError as error:
                self.trouble = KmsctlError(error.what, why=error.why, fix=error.fix)  # without the frames of `error`
                self._waiting.set()  # it still waits: tried again in a while, whether or not a call comes by
            else:
                self.trouble = None
