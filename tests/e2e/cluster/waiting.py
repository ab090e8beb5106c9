"""Waiting for what happens elsewhere: the one place of the end-to-end tests that lets time pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reconciler.kit.clock import Clock, SystemClock

_POLL_SECONDS = 0.05
_SLOWEST_POLL_SECONDS = 0.5
T = TypeVar("T")


class NotYetError(AssertionError):
    """What was waited for did not come in time."""


def eventually(probe: Callable[[], T], *, within: float = 30.0, what: str = "", clock: Clock | None = None) -> T:
    """What `probe` returns, once that is true.

    A probe may also assert, and so explain what is missing; any other exception is a fault and not waited out. Pauses
    grow from 0.05 to 0.5 seconds.

    Raises:
        NotYetError: `probe` returned nothing true, or raised AssertionError, for `within` seconds.
    """
    clock = clock or SystemClock()
    deadline = clock.monotonic() + within
    pause = _POLL_SECONDS
    while True:
        found, missing = _try(probe)
        if found:
            return found
        if clock.monotonic() >= deadline:
            raise NotYetError(f"not within {within:g} s: {what or probe}: {missing or found}") from missing
        clock.sleep(pause)
        pause = min(2 * pause, _SLOWEST_POLL_SECONDS)


def _try(probe: Callable[[], T]) -> tuple[T | None, AssertionError | None]:
    try:
        return probe(), None
    except AssertionError as error:
        return None, error
