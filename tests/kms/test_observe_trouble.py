"""Keys that vanish, lag, cannot be read, or are ahead of this version."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms.decode import UnknownValue
from reconciler.kms.port import Kms
from reconciler.model.keyspec import KeyUsage
from reconciler.model.observed import ObservedRotation
from reconciler.model.scope import Wanted
from tests.kms.estate import Estate
from tests.support.faulty import Fault, Faulty, lost_before

GONE = KmsError("NotFoundException", "gone")
DENIED = KmsError("AccessDeniedException", "no")
ALL = Wanted(policy=True, rotation=True, serial=1, grants={"g": None})


class Edited:
    """Passes calls on, and lets a test change the answers of one operation."""

    def __init__(self, kms: Kms, operation: str, edit: Callable[[dict[str, Any]], object]) -> None:
        self._kms, self._operation, self._edit = kms, operation, edit

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._kms(operation, parameters)
        if operation == self._operation:
            self._edit(answer)
        return answer


def faulty(estate: Estate, *faults: Fault) -> Estate:
    return Estate(Faulty(estate.kms, *faults), estate.clock)


def edited(estate: Estate, operation: str, edit: Callable[[dict[str, Any]], object]) -> Estate:
    return Estate(Edited(estate.kms, operation, edit), estate.clock)


@pytest.mark.parametrize(
    "read", ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListKeyRotations", "ListGrants"]
)
def test_a_key_that_vanishes_before_any_of_its_reads_is_left_out(estate: Estate, read: str) -> None:
    estate.key("a")
    assert faulty(estate, Fault(GONE, read)).observe({"a": ALL}).keys == {}


def test_a_key_that_only_the_tagging_index_remembers_is_left_out(estate: Estate, clock: ManualClock) -> None:
    stays = estate.key("a")
    stale = f"arn:aws:kms:us-east-1:111122223333:key/{'0' * 8}-0000-4000-8000-{'0' * 12}"

    def remember(answer: dict[str, Any]) -> None:
        tags = next(iter(answer["ResourceTagMappingList"]))["Tags"]
        answer["ResourceTagMappingList"].append({"ResourceARN": stale, "Tags": tags})

    assert list(edited(estate, "tagging:GetResources", remember).observe({"a": ALL}).keys) == [stays]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:kms:eu-west-1:111122223333:key/k",
        "arn:aws:kms:us-east-1:999988887777:key/k",
        "arn:aws:kms:us-east-1:111122223333:alias/k",
        "nonsense",
    ],
    ids=["another Region", "another account", "no key", "no ARN"],
)
def test_an_entry_of_the_index_that_is_no_key_of_the_account_is_passed_over(estate: Estate, arn: str) -> None:
    stays = estate.key("a")

    def add(answer: dict[str, Any]) -> None:
        tags = answer["ResourceTagMappingList"][0]["Tags"]
        answer["ResourceTagMappingList"].append({"ResourceARN": arn, "Tags": tags})

    assert list(edited(estate, "tagging:GetResources", add).observe({"a": Wanted()}).keys) == [stays]


@pytest.mark.parametrize("read", ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListGrants"])
def test_a_key_of_ours_that_may_not_be_read_stops_the_reading(estate: Estate, read: str) -> None:
    estate.key("a")
    with pytest.raises(KmsError, match="AccessDenied"):
        faulty(estate, Fault(DENIED, read)).observe({"a": ALL})


@pytest.mark.parametrize("read", ["DescribeKey", "ListResourceTags", "GetKeyPolicy"])
def test_a_key_of_others_that_may_not_be_read_is_left_out(estate: Estate, read: str) -> None:
    key = estate.bare()
    assert faulty(estate, Fault(DENIED, read)).observe(external={key: ALL}).keys == {}
    assert list(estate.observe(external={key: ALL}).keys) == [key]


@pytest.mark.parametrize("sweep", ["ListAliases", "tagging:GetResources", "ListKeys"])
@pytest.mark.parametrize("parallelism", [1, 4])
def test_a_sweep_that_fails_stops_the_reading(estate: Estate, sweep: str, parallelism: int) -> None:
    with pytest.raises(KmsError, match="AccessDenied"):
        faulty(estate, Fault(DENIED, sweep)).observe(everything=True, parallelism=parallelism)


def test_a_lost_answer_stops_the_reading(estate: Estate) -> None:
    estate.key("a")
    with pytest.raises(AmbiguousOutcome):
        faulty(estate, lost_before("DescribeKey")).observe(external={}, parallelism=4)


@pytest.mark.parametrize("code", ["KMSInvalidStateException", "UnsupportedOperationException"])
@pytest.mark.parametrize("read", ["GetKeyRotationStatus", "ListKeyRotations"])
def test_a_rotation_that_cannot_be_asked_for_in_this_state_is_not_known(estate: Estate, read: str, code: str) -> None:
    key = estate.key("a")
    found = faulty(estate, Fault(KmsError(code, "no"), read)).observe({"a": ALL}).keys[key]
    assert found.rotation is None
    assert found.policy


STARTED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("listed", "count"),
    [([], 1), ([timedelta(0)], 1), ([timedelta(days=-5)], 2), ([timedelta(days=-5), timedelta(seconds=3)], 2)],
    ids=["under way", "just done", "under way after another", "just done after another"],
)
def test_a_rotation_that_is_under_way_counts_once(estate: Estate, listed: list[timedelta], count: int) -> None:
    key = estate.key("a")
    rotations = [{"RotationType": "ON_DEMAND", "RotationDate": STARTED + after} for after in listed]
    listing = edited(estate, "ListKeyRotations", lambda answer: answer.update(Rotations=rotations))
    under_way = edited(listing, "GetKeyRotationStatus", lambda answer: answer.update(OnDemandRotationStartDate=STARTED))
    assert under_way.observe({"a": Wanted(serial=1)}).keys[key].rotation == ObservedRotation(False, None, count)


UNKNOWN = [("KeySpec", "KYBER_9000"), ("KeyUsage", "WISH"), ("Origin", "MARS"), ("KeyState", "Dreaming")]


@pytest.mark.parametrize(("member", "value"), UNKNOWN)
def test_a_key_of_ours_that_is_ahead_of_this_version_is_told(estate: Estate, member: str, value: str) -> None:
    key = estate.key("a")
    ahead = edited(estate, "DescribeKey", lambda answer: answer["KeyMetadata"].update({member: value}))
    with pytest.raises(UnknownValue) as caught:
        ahead.observe({"a": Wanted()})
    assert key in caught.value.what
    assert value in caught.value.what
    assert "update kmsctl" in caught.value.fix


@pytest.mark.parametrize("member", ["KeySpec", "Origin", "KeyState"])
def test_a_key_that_does_not_say_what_it_is_is_not_guessed_at(estate: Estate, member: str) -> None:
    estate.key("a")
    with pytest.raises(UnknownValue):
        edited(estate, "DescribeKey", lambda answer: answer["KeyMetadata"].pop(member)).observe({"a": Wanted()})


def test_a_key_that_does_not_say_its_usage_has_the_default_one(estate: Estate) -> None:
    key = estate.key("a")
    silent = edited(estate, "DescribeKey", lambda answer: answer["KeyMetadata"].pop("KeyUsage"))
    assert silent.observe({"a": Wanted()}).keys[key].key_usage is KeyUsage.ENCRYPT_DECRYPT


def test_a_named_key_that_is_ahead_of_this_version_is_told(estate: Estate) -> None:
    key = estate.bare()
    ahead = edited(estate, "DescribeKey", lambda answer: answer["KeyMetadata"].update(KeySpec="\x1b[2J"))
    with pytest.raises(KmsctlError) as caught:
        ahead.observe(external={key: Wanted()})
    assert "\x1b" not in str(caught.value)


def test_a_key_of_nobody_that_is_ahead_of_this_version_is_left_out_and_logged(
    estate: Estate, caplog: pytest.LogCaptureFixture
) -> None:
    estate.bare()
    ahead = edited(estate, "DescribeKey", lambda answer: answer["KeyMetadata"].update(KeySpec="KYBER_9000"))
    with caplog.at_level(logging.WARNING):
        seen = ahead.observe(everything=True)
    assert seen.keys == {}
    assert ["KYBER_9000" in why for why in seen.unread.values()] == [True]
    assert "KYBER_9000" in caplog.text


def test_a_key_of_nobody_that_may_not_be_read_is_left_out_and_told(estate: Estate) -> None:
    key = estate.bare()
    seen = faulty(estate, Fault(DENIED, "DescribeKey")).observe(everything=True)
    assert (seen.keys, seen.unread) == ({}, {key: "AccessDeniedException"})


def test_of_keys_of_aws_nothing_more_is_read_than_that_they_are(estate: Estate) -> None:
    key = estate.bare()
    managed = edited(estate, "DescribeKey", lambda answer: answer["KeyMetadata"].update(KeyManager="AWS"))
    seen, calls = managed.counted(everything=True, unmanaged=Wanted(policy=True, every_grant=True))
    assert seen.keys[key].aws_managed
    assert calls.keys() == {"ListAliases", "tagging:GetResources", "ListKeys", "DescribeKey"}


def unindexed(estate: Estate) -> Estate:
    return edited(estate, "tagging:GetResources", lambda answer: answer.update(ResourceTagMappingList=[]))


def test_a_new_key_that_the_index_does_not_list_yet_is_found_by_its_alias(estate: Estate) -> None:
    key, other = estate.key("a"), estate.key("b", stack="other")
    estate.alias("alias/a", key)
    estate.alias("alias/b", other)
    seen, calls = unindexed(estate).counted({"a": Wanted(policy=True)})
    assert list(seen.keys) == [key]
    assert seen.keys[key].policy
    assert calls["ListResourceTags"] == 2


def test_an_alias_that_moved_lately_counts_as_new(estate: Estate, clock: ManualClock) -> None:
    estate.alias("alias/a", estate.bare())
    clock.advance(timedelta(days=1))
    key = estate.key("a")
    estate.kms("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": key})
    assert list(unindexed(estate).observe({"a": Wanted()}).keys) == [key]


def test_an_old_alias_is_not_looked_behind(estate: Estate, clock: ManualClock) -> None:
    estate.alias("alias/a", estate.key("a"))
    clock.advance(timedelta(minutes=16))
    seen, calls = unindexed(estate).counted({"a": Wanted()})
    assert (seen.keys, "ListResourceTags" in calls) == ({}, False)


def test_no_alias_is_looked_behind_when_no_key_is_missing(estate: Estate) -> None:
    estate.alias("alias/a", estate.key("a"))
    estate.alias("alias/b", estate.bare())
    assert "ListResourceTags" not in estate.counted({"a": Wanted()})[1]


@pytest.mark.parametrize("error", [GONE, DENIED])
def test_a_key_behind_a_new_alias_that_cannot_be_read_is_not_ours(estate: Estate, error: KmsError) -> None:
    estate.alias("alias/a", estate.bare())
    assert faulty(estate, Fault(error, "ListResourceTags")).observe({"a": Wanted()}).keys == {}


def test_a_fault_behind_a_new_alias_stops_the_reading(estate: Estate) -> None:
    estate.alias("alias/a", estate.bare())
    with pytest.raises(AmbiguousOutcome):
        faulty(estate, lost_before("ListResourceTags")).observe({"a": Wanted()})
