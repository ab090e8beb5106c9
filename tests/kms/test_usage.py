"""When keys were last used, and what cannot be known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms.usage import EVENT_PAGES, last_used
from reconciler.model.identifiers import KeyId
from reconciler.model.observed import Account
from reconciler.model.usage import LastUse, NeverUsed, UsageUnknown, UsedAt
from tests.kms.estate import Estate
from tests.support.faulty import Fault, Faulty, Scripted

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACCOUNT = Account("111122223333", "us-east-1", "aws", "arn:aws:iam::111122223333:root")
KEY = KeyId("k")
OLD, NEW = NOW - timedelta(days=500), NOW - timedelta(days=10)
USED = NOW - timedelta(days=3)
UNSUPPORTED = KmsError("UnknownOperationException", "no")


def ask(kms) -> LastUse:
    return last_used(kms, ACCOUNT, [KEY], clock=ManualClock(NOW))[KEY]


@pytest.mark.parametrize(
    ("answer", "use"),
    [
        ({"KeyLastUsage": {"Timestamp": USED}, "TrackingStartDate": OLD, "KeyCreationDate": OLD}, UsedAt(USED)),
        ({"KeyLastUsage": {}, "TrackingStartDate": NEW, "KeyCreationDate": NEW}, NeverUsed()),
        (
            {"KeyLastUsage": {}, "TrackingStartDate": NEW, "KeyCreationDate": OLD},
            UsageUnknown("no use since 2026-11-12, when KMS began to record it; the key is older"),
        ),
        ({}, UsageUnknown("no use since an unknown date, when KMS began to record it; the key is older")),
    ],
    ids=["used", "never used", "older than the record", "an empty answer"],
)
def test_what_kms_records_is_told_for_what_it_is(answer: dict, use: LastUse) -> None:
    assert ask(Scripted(GetKeyLastUsage=lambda _: answer)) == use


def test_the_bundled_kms_records_use(estate: Estate, clock: ManualClock) -> None:
    used, idle = estate.key("a"), estate.key("b")
    clock.advance(timedelta(days=1))
    estate.kms("Encrypt", {"KeyId": used, "Plaintext": b"x"})
    at = clock.now()
    clock.advance(timedelta(days=1))
    answers = last_used(estate.kms, estate.account(), [idle, used, used], clock=clock)
    assert list(answers) == sorted([used, idle])
    assert answers == {used: UsedAt(at), idle: NeverUsed()}


def event(name: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"EventName": name, "EventTime": at, "CloudTrailEvent": json.dumps(more)}


def trail(*events: dict[str, Any], created: datetime = OLD, by: str = "arn", more: bool = False):
    """A KMS without GetKeyLastUsage, whose CloudTrail has these events, newest first, one a page."""

    def look_up(parameters: Mapping[str, Any]) -> dict[str, Any]:
        name = parameters["LookupAttributes"][0]["AttributeValue"]
        if name.startswith("arn:") is not (by == "arn"):
            return {"Events": []}
        place = int(parameters.get("NextToken", "0"))
        page = {"Events": [events[place % len(events)]] if events else []}
        if more or place + 1 < len(events):
            page["NextToken"] = str(place + 1)
        return page

    def unsupported(_: Mapping[str, Any]) -> dict[str, Any]:
        raise UNSUPPORTED

    return Scripted(
        GetKeyLastUsage=unsupported,
        cloudtrail__LookupEvents=look_up,
        DescribeKey=lambda _: {"KeyMetadata": {"CreationDate": created}},
    )


FAILED = event("Decrypt", NOW - timedelta(days=1), errorCode="AccessDenied")
ADMIN = event("PutKeyPolicy", NOW - timedelta(days=2))


@pytest.mark.parametrize("by", ["arn", "id"])
@pytest.mark.parametrize("name", ["Decrypt", "GenerateDataKeyWithoutPlaintext", "Sign", "ReEncrypt", "VerifyMac"])
def test_without_a_record_of_its_own_the_newest_successful_use_in_cloudtrail_counts(name: str, by: str) -> None:
    kms = trail(FAILED, ADMIN, event(name, USED), event(name, USED - timedelta(days=1)), by=by)
    assert ask(kms) == UsedAt(USED)


def test_an_event_that_cannot_be_read_counts_as_use() -> None:
    assert ask(trail({"EventName": "Decrypt", "EventTime": USED, "CloudTrailEvent": "{"})) == UsedAt(USED)
    assert ask(trail({"EventName": "Decrypt", "EventTime": USED, "CloudTrailEvent": "[]"})) == UsedAt(USED)
    assert ask(trail({"EventName": "Decrypt", "EventTime": USED})) == UsedAt(USED)


def test_a_key_that_is_younger_than_the_trail_and_not_in_it_was_never_used() -> None:
    assert ask(trail(FAILED, ADMIN, created=NEW)) == NeverUsed()


@pytest.mark.parametrize(
    ("kms", "why"),
    [
        (trail(ADMIN), "the key is older"),
        (trail(created=NOW - timedelta(minutes=5)), "too new"),
        (trail(ADMIN, more=True), "more than 1000 events"),
    ],
    ids=["older than the trail", "newer than the trail", "a trail without end"],
)
def test_a_trail_that_does_not_tell_leaves_it_unknown(kms: Scripted, why: str) -> None:
    use = ask(kms)
    assert isinstance(use, UsageUnknown)
    assert why in use.why


def test_a_trail_without_end_is_not_read_to_the_end() -> None:
    kms = trail(ADMIN, more=True)
    ask(kms)
    assert len(kms.calls) <= 1 + EVENT_PAGES + 1


@pytest.mark.parametrize("refused", ["cloudtrail:LookupEvents", "DescribeKey"])
def test_two_refusals_leave_it_unknown_and_say_both(refused: str) -> None:
    error = KmsError("AccessDeniedException", "no", operation=refused)
    use = ask(Faulty(trail(), Fault(error, refused, times=9)))
    assert use == UsageUnknown(
        f"GetKeyLastUsage answers UnknownOperationException, and {refused} AccessDeniedException"
    )


def test_a_refusal_without_an_operation_is_cloudtrails() -> None:
    use = ask(Faulty(trail(), Fault(KmsError("Oops", "no"), "cloudtrail:LookupEvents")))
    assert use == UsageUnknown("GetKeyLastUsage answers UnknownOperationException, and CloudTrail Oops")


def test_no_way_to_ask_is_an_error() -> None:
    with pytest.raises(KmsctlError):
        ask(Faulty(trail(), Fault(KmsctlError("no credentials"))))


def test_the_trail_of_the_bundled_kms_tells_the_same(estate: Estate, clock: ManualClock) -> None:
    used, idle = estate.key("a"), estate.key("b")
    clock.advance(timedelta(days=1))
    estate.kms("Encrypt", {"KeyId": used, "Plaintext": b"x"})
    at = clock.now()
    clock.advance(timedelta(days=1))
    kms = Faulty(estate.kms, Fault(UNSUPPORTED, "GetKeyLastUsage", times=9))
    assert last_used(kms, estate.account(), [used, idle], clock=clock) == {used: UsedAt(at), idle: NeverUsed()}
