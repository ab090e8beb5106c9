"""Time, injected."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reconciler.kit.clock import ManualClock, SystemClock

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_manual_clock_moves_only_when_it_is_told_to():
    clock = ManualClock(START)
    assert (clock.now(), clock.monotonic()) == (START, 0.0)
    clock.sleep(1.5)
    clock.advance(timedelta(days=1))
    assert clock.now() == START + timedelta(days=1, seconds=1.5)
    assert clock.monotonic() == 86401.5


def test_a_manual_clock_speaks_utc():
    clock = ManualClock(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == START
    assert clock.now().tzinfo is UTC


def test_the_systems_clock_speaks_utc_and_never_goes_back():
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.0)
    assert clock.monotonic() >= before
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("clock", [ManualClock(START), SystemClock()], ids=["manual", "system"])
def test_a_clock_knows_how_long_each_thread_has_slept_by_it(clock):
    others: list[float] = []

    def other() -> None:
        clock.sleep(0.002)
        others.append(clock.slept())

    clock.sleep(0.001)
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert (clock.slept(), others) == (0.001, [0.002])
