"""What `eventually` waits for, and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.kit.clock import ManualClock
from tests.e2e.cluster.waiting import NotYetError, eventually


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, tzinfo=UTC))


def test_it_returns_what_the_probe_found(clock):
    answers = iter([None, [], "found"])
    assert eventually(lambda: next(answers), clock=clock) == "found"


def test_an_assertion_that_fails_is_tried_again(clock):
    tries = []

    def probe() -> bool:
        tries.append(clock.monotonic())
        assert len(tries) == 4
        return True

    assert eventually(probe, clock=clock)
    assert tries == pytest.approx([0, 0.05, 0.15, 0.35])


def test_it_gives_up_in_time_and_says_what_was_missing(clock):
    def probe() -> bool:
        raise AssertionError("the key is not there")

    with pytest.raises(NotYetError, match=r"not within 5 s: the key is Ready: the key is not there"):
        eventually(probe, within=5, what="the key is Ready", clock=clock)
    assert 5 <= clock.monotonic() < 6


def test_a_fault_is_not_waited_out(clock):
    with pytest.raises(ZeroDivisionError):
        eventually(lambda: 1 / 0, clock=clock)
    assert clock.monotonic() == 0
