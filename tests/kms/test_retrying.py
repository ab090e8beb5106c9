"""Calling again: when, how often, and when never."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms.retrying import Patience, Retrying, repeatable
from reconciler.kms.translate import Unreachable
from tests.support.faulty import Fault, Faulty, lost_after, lost_before, throttled

START = datetime(2026, 1, 1, tzinfo=UTC)
NEVER = ["CreateKey", "ReplicateKey", "RotateKeyOnDemand"]
FAILS_THE_SECOND_TIME = [
    "CreateAlias",
    "DeleteAlias",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "RevokeGrant",
    "RetireGrant",
]
REPEATABLE = [
    "DescribeKey",
    "GetKeyPolicy",
    "ListGrants",
    "GenerateDataKey",
    "tagging:GetResources",
    "sts:GetCallerIdentity",
    "cloudtrail:LookupEvents",
    "PutKeyPolicy",
    "TagResource",
    "UntagResource",
    "EnableKey",
    "DisableKey",
    "EnableKeyRotation",
    "DisableKeyRotation",
    "UpdateAlias",
    "UpdateKeyDescription",
]


def answer(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"of": operation}


def made(*faults: Fault, **patience: float):
    clock = ManualClock(START)
    faulty = Faulty(answer, *faults)
    return Retrying(faulty, clock=clock, patience=Patience(**patience)), faulty, clock


def test_a_call_that_succeeds_is_made_once() -> None:
    kms, faulty, clock = made()
    assert kms("CreateKey", {}) == {"of": "CreateKey"}
    assert (faulty.count(), clock.monotonic()) == (1, 0)


@pytest.mark.parametrize("operation", [*NEVER, *FAILS_THE_SECOND_TIME, *REPEATABLE])
def test_throttling_is_waited_out_whatever_the_operation(operation: str) -> None:
    kms, faulty, _ = made(throttled(times=3))
    assert kms(operation, {}) == {"of": operation}
    assert faulty.count() == 4


@pytest.mark.parametrize("operation", [*NEVER, *FAILS_THE_SECOND_TIME, "CreateGrant", "MakeCoffee"])
@pytest.mark.parametrize("fault", [lost_before(), lost_after()], ids=["request lost", "answer lost"])
def test_a_lost_answer_is_never_followed_by_a_call_that_might_act_twice(operation: str, fault: Fault) -> None:
    kms, faulty, _ = made(fault)
    with pytest.raises(AmbiguousOutcome):
        kms(operation, {})
    assert faulty.count() == 1


@pytest.mark.parametrize("operation", REPEATABLE)
@pytest.mark.parametrize("fault", [lost_before(times=2), lost_after(times=2)], ids=["request lost", "answer lost"])
def test_a_lost_answer_is_asked_for_again_where_that_is_safe(operation: str, fault: Fault) -> None:
    kms, faulty, _ = made(fault)
    assert kms(operation, {}) == {"of": operation}
    assert faulty.count() == 3


def test_a_grant_with_a_name_may_be_created_again() -> None:
    assert repeatable("CreateGrant", {"Name": "kmsctl:default:a:0"})
    assert not repeatable("CreateGrant", {"Name": ""})


@pytest.mark.parametrize(("operation", "calls"), [("DescribeKey", 2), ("CreateKey", 1)])
def test_a_fault_of_the_service_counts_as_a_lost_answer(operation: str, calls: int) -> None:
    kms, faulty, _ = made(Fault(KmsError("KMSInternalException", "oops")))
    try:
        kms(operation, {})
    except KmsError as error:
        assert error.code == "KMSInternalException"
    assert faulty.count() == calls


FINAL = [
    KmsError("NotFoundException", "no"),
    KmsctlError("no credentials"),
    ValueError("x"),
]


@pytest.mark.parametrize("error", FINAL)
def test_an_answer_that_will_not_change_is_not_asked_for_again(error: Exception) -> None:
    kms, faulty, _ = made(Fault(error))
    with pytest.raises(type(error)):
        kms("DescribeKey", {})
    assert faulty.count() == 1


@pytest.mark.parametrize(("operation", "calls"), [("DescribeKey", 3), ("CreateKey", 1)])
def test_a_fault_that_does_not_say_what_it_is_is_asked_for_again_twice(operation: str, calls: int) -> None:
    kms, faulty, _ = made(Fault(AmbiguousOutcome("500", "a web page"), times=99))
    with pytest.raises(AmbiguousOutcome):
        kms(operation, {})
    assert faulty.count() == calls


def test_attempts_are_bounded_and_the_last_error_is_raised() -> None:
    kms, faulty, _ = made(throttled(times=99), attempts=5)
    with pytest.raises(KmsError, match="Rate exceeded"):
        kms("DescribeKey", {})
    assert faulty.count() == 5


def test_time_is_bounded() -> None:
    kms, _, clock = made(throttled(times=10_000), attempts=10_000, seconds=30, longest_wait=10)
    with pytest.raises(KmsError):
        kms("DescribeKey", {})
    assert 30 <= clock.monotonic() <= 40


def test_time_that_calls_take_counts_too() -> None:
    clock = ManualClock(START)

    def slow(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        clock.sleep(31)
        raise AmbiguousOutcome("ReadTimeoutError", "lost")

    faulty = Faulty(slow)
    with pytest.raises(AmbiguousOutcome):
        Retrying(faulty, clock=clock)("DescribeKey", {})
    assert faulty.count() == 2


def test_an_endpoint_that_was_never_there_is_told_at_once() -> None:
    kms, faulty, clock = made(Fault(Unreachable("cannot reach it"), times=9))
    with pytest.raises(Unreachable):
        kms("DescribeKey", {})
    assert (faulty.count(), clock.monotonic()) == (1, 0)


@pytest.mark.parametrize("first", [None, Fault(KmsError("NotFoundException", "no"), "ListKeys")])
def test_an_endpoint_that_went_away_is_waited_for_whatever_the_operation(first: Fault | None) -> None:
    kms, faulty, _ = made(*filter(None, [first]), Fault(Unreachable("cannot reach it"), "CreateKey", times=3))
    try:
        kms("ListKeys", {})
    except KmsError:
        assert first
    assert kms("CreateKey", {}) == {"of": "CreateKey"}
    assert faulty.count("CreateKey") == 4
