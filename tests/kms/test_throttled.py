"""Staying under the account's quotas."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from reconciler.kms.quotas import Quotas, load_quotas
from reconciler.kms.throttled import Throttled
from tests.support.faulty import Fault, Faulty, throttled

START = datetime(2026, 1, 1, tzinfo=UTC)


class Recorder:
    """A `Kms` that notes when it is called."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.at: list[float] = []

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.at.append(self._clock.monotonic())
        return {"of": operation}


def made(rates: Mapping[str, float], *, factor: float = 0.8, pools: Mapping[str, str] | None = None):
    clock = ManualClock(START)
    recorder = Recorder(clock)
    return Throttled(recorder, Quotas(rates, 5, pools or {}), clock=clock, factor=factor), recorder, clock


@given(st.integers(5, 500), st.lists(st.floats(0, 3, allow_subnormal=False), min_size=1, max_size=200))
def test_no_second_sees_more_calls_than_the_quota(quota: int, pauses: list[float]) -> None:
    kms, recorder, clock = made({"CreateKey": quota})
    for pause in pauses:
        clock.sleep(pause)
        for _ in range(7):
            kms("CreateKey", {})
    for first in recorder.at:
        assert sum(first <= at < first + 0.999 for at in recorder.at) <= quota


def test_a_long_run_takes_its_share_of_the_quota() -> None:
    kms, recorder, _ = made({"PutKeyPolicy": 15})
    for _ in range(1000):
        kms("PutKeyPolicy", {})
    assert 1000 / recorder.at[-1] == pytest.approx(12, rel=0.01)


def test_the_whole_quota_can_be_taken() -> None:
    kms, recorder, _ = made({"CreateKey": 5}, factor=1)
    for _ in range(51):
        kms("CreateKey", {})
    assert recorder.at[-1] == pytest.approx(10)


@pytest.mark.parametrize("factor", [0, -0.5, 1.5])
def test_a_share_that_makes_no_sense_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        made({}, factor=factor)


def test_operations_wait_for_their_own_quota_only() -> None:
    kms, _, clock = made({"CreateKey": 5, "DescribeKey": 2000})
    for _ in range(10):
        kms("CreateKey", {})
    before = clock.monotonic()
    assert kms("DescribeKey", {}) == {"of": "DescribeKey"}
    assert clock.monotonic() == before


def test_operations_of_one_pool_share_it() -> None:
    kms, _, _ = made({"pool": 10}, pools={"Encrypt": "pool", "Decrypt": "pool"})
    assert kms.bucket("Encrypt") is kms.bucket("Decrypt")


def test_an_operation_that_nobody_listed_gets_the_lowest_common_rate() -> None:
    kms, _, _ = made({})
    assert kms.bucket("MakeCoffee").rate == pytest.approx(4)


def throttling(*faults: Fault):
    clock = ManualClock(START)
    kms = Throttled(Faulty(Recorder(clock), *faults), Quotas({"CreateKey": 100}, 5), clock=clock)
    return kms, clock


def test_throttling_halves_the_rate_which_then_recovers_steadily() -> None:
    kms, clock = throttling(throttled(times=1))
    with pytest.raises(KmsError, match="Rate exceeded"):
        kms("CreateKey", {})
    assert kms.bucket("CreateKey").rate == pytest.approx(40)
    clock.sleep(5)
    assert kms.bucket("CreateKey").rate == pytest.approx(60)
    clock.sleep(60)
    assert kms.bucket("CreateKey").rate == pytest.approx(80)


def test_requests_under_way_at_the_halving_do_not_halve_it_again() -> None:
    kms, clock = throttling()
    bucket = kms.bucket("CreateKey")
    under_way = [bucket.take() for _ in range(8)]
    clock.sleep(1)
    for taken in under_way:
        bucket.throttled(taken)
    assert bucket.rate == pytest.approx(40)
    bucket.throttled(bucket.take())
    assert bucket.rate < 25


def test_throttling_without_end_leaves_a_trickle() -> None:
    kms, clock = throttling(throttled(times=100))
    for _ in range(100):
        clock.sleep(0.01)
        with pytest.raises(KmsError):
            kms("CreateKey", {})
    assert kms.bucket("CreateKey").rate >= 80 / 32


def test_another_error_does_not_change_the_rate() -> None:
    kms, _ = throttling(Fault(KmsError("NotFoundException", "no")))
    with pytest.raises(KmsError):
        kms("CreateKey", {})
    assert kms.bucket("CreateKey").rate == pytest.approx(80)


def test_threads_share_the_quota() -> None:
    kms, recorder, clock = made({"CreateKey": 50})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: kms("CreateKey", {}), range(400)))
    assert len(recorder.at) == 400
    assert clock.monotonic() >= (400 - 10 - 1) / 40


def test_a_quota_that_is_only_supposed_begins_with_the_first_refusal():
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    refused = [False]

    def kms(operation, parameters):
        if refused[0]:
            raise KmsError("ThrottlingException", "slow down", operation=operation)
        return {}

    paced = Throttled(kms, load_quotas("us-east-1"), clock=clock, known=False)
    for _ in range(100):
        paced("CreateKey", {})
    assert clock.monotonic() == 0
    refused[0] = True
    with pytest.raises(KmsError):
        paced("CreateKey", {})
    refused[0] = False
    paced("CreateKey", {})
    assert clock.monotonic() > 0
