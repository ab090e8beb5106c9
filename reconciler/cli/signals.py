"""Ctrl-C and SIGTERM while changes are made.

The first asks to stop: calls in flight are finished, no more are started. The second ends the process at once.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event
from types import FrameType
from typing import TextIO

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_FINISHING = "\nfinishing calls in flight, starting no more; once more to abort\n"
_ABORTED = "\naborted: calls in flight may or may not have taken effect, `kmsctl plan` shows what is left to do\n"


class Interruption:
    """What the signals of a run asked for."""

    def __init__(self, stderr: TextIO) -> None:
        self.event = Event()
        self.signal: int | None = None
        self._stderr = stderr

    @property
    def exit_code(self) -> int | None:
        """128 and the signal's number, as shells count; None when there was none."""
        return None if self.signal is None else 128 + self.signal

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        again = self.event.is_set()
        self.signal = number
        self.event.set()
        self._say(_ABORTED if again else _FINISHING)
        if again:
            # Worker threads wait for answers that may never come, and a usual exit would wait for them.
            os._exit(128 + number)

    def _say(self, text: str) -> None:
        with suppress(OSError):
            try:
                self._stderr.write(text)
                self._stderr.flush()
            except RuntimeError:
                # The signal came in the middle of a write to this stream, which refuses to be entered again.
                os.write(self._stderr.fileno(), text.encode())


@contextmanager
def interruptible(stderr: TextIO) -> Iterator[Interruption]:
    """Handle the signals inside the block; outside it they mean what they meant before."""
    interruption = Interruption(stderr)
    before = {number: signal.signal(number, interruption.handle) for number in _SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
