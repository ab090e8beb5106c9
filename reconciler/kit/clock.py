"""Time, injected. Nothing else in kmsctl reads the system clock or sleeps."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the rest of the program knows of time."""

    def now(self) -> datetime:
        """The current instant, timezone-aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; only differences mean anything."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        ...

    def slept(self) -> float:
        """Seconds that this thread has slept; only differences mean anything.

        What takes its turn sleeps until then: without that, the rest of a time is what the work itself took.
        """
        ...


class _Slept(threading.local):
    """Of each thread."""

    seconds = 0.0


class SystemClock:
    """The machine's clock."""

    def __init__(self) -> None:
        self._slept = _Slept()

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)  # noqa: TID251  the one place that may

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        time.sleep(seconds)  # noqa: TID251  the one place that may
        self._slept.seconds += seconds

    def slept(self) -> float:
        """See `Clock.slept`."""
        return self._slept.seconds


class ManualClock:
    """A clock that only moves when it is told to: sleeping moves it at once."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._elapsed = 0.0
        self._slept = _Slept()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """See `Clock.now`."""
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        with self._lock:
            return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Advance by `seconds` without waiting."""
        self.advance(timedelta(seconds=seconds))
        self._slept.seconds += seconds

    def slept(self) -> float:
        """See `Clock.slept`."""
        return self._slept.seconds

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        with self._lock:
            self._now += by
            self._elapsed += by.total_seconds()
