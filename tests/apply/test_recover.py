from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.apply.recover import create, rotate
from reconciler.apply.wait import CONSISTENCY_WINDOW
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.model.ownership import OPERATION_TAG
from reconciler.plan.steps import ExistingKey, RotateOnDemand
from tests.apply.build import create_key, live_keys, plan_of, resource, run
from tests.apply.drive import drive, site_of
from tests.support.faulty import Fault, Faulty, Scripted, lost_after, lost_before
from tests.support.lagging import Lagging


def operation_tag(kms, key_id: str) -> str:
    tags = kms("ListResourceTags", {"KeyId": key_id})["Tags"]
    return next(tag["TagValue"] for tag in tags if tag["TagKey"] == OPERATION_TAG)


def test_a_key_whose_answer_was_lost_is_found_and_not_made_again(clock, engine_client):
    kms = Faulty(engine_client, lost_after("CreateKey"))
    creation, pauses = drive(create(create_key(), site_of(kms, clock)), clock)
    assert [key["KeyId"] for key in live_keys(engine_client)] == [creation.key_id]
    assert operation_tag(engine_client, creation.key_id) == creation.attempt == "attempt-1"
    assert (pauses, kms.count("CreateKey")) == ([], 1)


@pytest.mark.parametrize(
    "lags",
    [{"tagging_lag": 9999}, {"lag": 200, "tagging_lag": 9999}, {"lag": 9999, "tagging_lag": 200}],
    ids=["never in the tagging service", "late, and only in KMS", "late, and only in the tagging service"],
)
def test_a_key_that_shows_late_is_found_and_not_made_again(clock, engine_client, lags):
    kms = Faulty(Lagging(engine_client, clock, **lags), lost_after("CreateKey"))
    creation, _ = drive(create(create_key(), site_of(kms, clock)), clock)
    assert [key["KeyId"] for key in live_keys(engine_client)] == [creation.key_id]
    assert kms.count("CreateKey") == 1


def test_a_key_is_made_again_only_after_looking_for_longer_than_the_consistency_window(clock, engine_client):
    kms = Faulty(engine_client, lost_before("CreateKey"))
    began = clock.monotonic()
    creation, pauses = drive(create(create_key(), site_of(kms, clock)), clock)
    assert clock.monotonic() - began == CONSISTENCY_WINDOW > 300
    assert len(pauses) > 20
    assert [key["KeyId"] for key in live_keys(engine_client)] == [creation.key_id]
    assert kms.count("CreateKey") == 2


def test_answers_that_stay_lost_end_with_what_to_do(clock, engine_client):
    kms = Faulty(engine_client, lost_before("CreateKey", times=9))
    with pytest.raises(KmsctlError, match="nobody knows") as told:
        drive(create(create_key(), site_of(kms, clock)), clock)
    assert "plan again" in told.value.fix
    assert kms.count("CreateKey") == 2


def test_an_interrupt_ends_the_looking_without_another_key(clock, engine_client):
    kms = Faulty(engine_client, lost_before("CreateKey"))
    with pytest.raises(KmsctlError, match="nobody knows"):
        drive(create(create_key(), site_of(kms, clock)), clock, interrupted_at=2)
    assert kms.count("CreateKey") == 1


def test_a_look_that_is_refused_makes_no_second_key(clock, engine_client):
    denied = KmsError("AccessDeniedException", "no", operation="tagging:GetResources")
    kms = Faulty(engine_client, lost_before("CreateKey"), Fault(denied, "tagging:GetResources"))
    with pytest.raises(KmsError) as told:
        drive(create(create_key(), site_of(kms, clock)), clock)
    assert told.value is denied
    assert kms.count("CreateKey") == 1


@pytest.mark.parametrize("code", ["AccessDeniedException", "NotFoundException"])
def test_keys_whose_tags_cannot_be_read_are_passed_over(clock, engine_client, code):
    lagging = Lagging(engine_client, clock, tagging_lag=9999)
    unreadable = Fault(KmsError(code, "no"), "ListResourceTags", times=3)
    kms = Faulty(lagging, lost_after("CreateKey"), unreadable)
    creation, pauses = drive(create(create_key(), site_of(kms, clock)), clock)
    assert len(pauses) == 3
    assert [key["KeyId"] for key in live_keys(engine_client)] == [creation.key_id]


def test_other_trouble_with_reading_tags_is_told(clock, engine_client):
    lagging = Lagging(engine_client, clock, tagging_lag=9999)
    trouble = KmsError("ThrottlingException", "no")
    kms = Faulty(lagging, lost_after("CreateKey"), Fault(trouble, "ListResourceTags"))
    with pytest.raises(KmsError) as told:
        drive(create(create_key(), site_of(kms, clock)), clock)
    assert told.value is trouble


def test_only_keys_that_were_not_there_before_are_looked_at(clock, engine_client):
    for _ in range(5):
        engine_client("CreateKey", {})
    kms = Faulty(Lagging(engine_client, clock, tagging_lag=9999), lost_after("CreateKey"))
    drive(create(create_key(), site_of(kms, clock)), clock)
    assert kms.count("ListResourceTags") == 1


def test_keys_that_the_same_run_made_are_not_looked_at(clock, engine_client):
    kms = Faulty(Lagging(engine_client, clock, lag=0.4, tagging_lag=1), lost_after("CreateKey", nth=4))
    outcome = run(plan_of(*(change for name in "abcd" for change in resource(name))), kms, clock)
    assert outcome.ok
    assert kms.count("ListResourceTags") == 1


def test_a_refused_creation_is_told_in_the_words_of_the_kms(clock, engine_client):
    limit = KmsError("LimitExceededException", "too many keys")
    with pytest.raises(KmsError) as told:
        drive(create(create_key(), site_of(Faulty(engine_client, Fault(limit, "CreateKey")), clock)), clock)
    assert told.value is limit
    assert live_keys(engine_client) == []


@pytest.fixture
def key(engine_client) -> ExistingKey:
    return ExistingKey(engine_client("CreateKey", {})["KeyMetadata"]["KeyId"])


def rotations(kms, key: ExistingKey) -> int:
    return len(kms("ListKeyRotations", {"KeyId": key.key})["Rotations"])


def test_a_rotation_that_the_plan_did_not_know_of_is_not_repeated(clock, engine_client, key):
    step = RotateOnDemand(key, 0)
    drive(rotate(step, site_of(engine_client, clock)), clock)
    done, _ = drive(rotate(step, site_of(engine_client, clock)), clock)
    assert rotations(engine_client, key) == 1
    assert done.notes == ("it has been rotated since the plan was made",)


@pytest.mark.parametrize("lose", [lost_before, lost_after], ids=["request lost", "answer lost"])
def test_after_a_lost_answer_a_key_is_rotated_exactly_once(clock, engine_client, key, lose):
    kms = Faulty(engine_client, lose("RotateKeyOnDemand"))
    drive(rotate(RotateOnDemand(key, 0), site_of(kms, clock)), clock)
    assert rotations(engine_client, key) == 1


def test_a_rotation_in_progress_counts(clock):
    kms = Faulty(
        Scripted(
            ListKeyRotations=lambda _: {"Rotations": []},
            GetKeyRotationStatus=lambda _: {"OnDemandRotationStartDate": datetime(2026, 11, 22, tzinfo=UTC)},
        ),
        lost_before("RotateKeyOnDemand"),
    )
    done, _ = drive(rotate(RotateOnDemand(ExistingKey("k"), 0), site_of(kms, clock)), clock)
    assert done.notes == ("the answer was lost; the rotation was found",)
    assert kms.count("RotateKeyOnDemand") == 1


def test_a_rotation_that_somebody_else_began_is_the_one_that_was_asked_for(clock, engine_client, key):
    busy = Fault(KmsError("ConflictException", "in progress"), "RotateKeyOnDemand")
    done, _ = drive(rotate(RotateOnDemand(key, 0), site_of(Faulty(engine_client, busy), clock)), clock)
    assert done.notes == ("a rotation was in progress already",)


def test_a_refused_rotation_is_told(clock, engine_client, key):
    engine_client("DisableKey", {"KeyId": key.key})
    with pytest.raises(KmsError) as told:
        drive(rotate(RotateOnDemand(key, 0), site_of(engine_client, clock)), clock)
    assert told.value.code == "DisabledException"


def test_a_rotation_whose_answers_stay_lost_ends_with_what_to_do(clock, engine_client, key):
    kms = Faulty(engine_client, lost_before("RotateKeyOnDemand", times=9))
    with pytest.raises(KmsctlError, match="nobody knows") as told:
        drive(rotate(RotateOnDemand(key, 0), site_of(kms, clock)), clock)
    assert isinstance(told.value.__cause__, AmbiguousOutcome)
