"""Whether the process is well: what the probes are answered from. Threads may share it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reconciler.kit.clock import Clock

STUCK_SECONDS: Final = 900.0
"""How long one piece of work may take. The longest that is known, a large batch under throttling, takes a few minutes;
calls themselves are bounded by time-outs."""


class Vitals:
    """The health of one process.

    Args:
        clock: time, for how long work takes.
        stuck_seconds: after so long a worker is taken for dead.
    """

    def __init__(self, clock: Clock, *, stuck_seconds: float = STUCK_SECONDS) -> None:
        self._clock = clock
        self._stuck_seconds = stuck_seconds
        self._ids = itertools.count()
        self._work: dict[int, tuple[str, float]] = {}
        self._serving = False
        self._lacking = ""
        self._lock = threading.Lock()

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """A worker is at it: `what` is told when it never ends."""
        with self._lock:
            id_ = next(self._ids)
            self._work[id_] = (what, self._clock.monotonic())
        try:
            yield
        finally:
            with self._lock:
                del self._work[id_]

    def stuck(self) -> list[str]:
        """What has been worked on for too long, and for how long."""
        now = self._clock.monotonic()
        with self._lock:
            work = sorted(self._work.items())
        return [
            f"{what} has taken {now - since:.0f} s" for _, (what, since) in work if now - since > self._stuck_seconds
        ]

    def serve(self) -> None:
        """The process has started: a replica that waits for the lease serves the webhook, so it is ready, too."""
        self._serving = True

    def end(self) -> None:
        """The process is about to end: no more requests, please."""
        self._serving = False

    def lacks(self, what: str) -> None:
        """Note what is missing before it can work; nothing once it is there."""
        self._lacking = what

    @property
    def lacking(self) -> str:
        """What is missing."""
        return self._lacking

    @property
    def serving(self) -> bool:
        """Whether it has started and is not about to end."""
        return self._serving
