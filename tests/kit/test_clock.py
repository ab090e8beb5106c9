"""Time, injected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

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
