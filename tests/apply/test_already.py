from __future__ import annotations

import pytest

from reconciler.apply.already import send_unless_already_so
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.model.identifiers import AliasName, Days, GrantId
from reconciler.plan.steps import (
    CancelDeletion,
    CreateAlias,
    DeleteAlias,
    ExistingKey,
    RevokeGrant,
    ScheduleDeletion,
)
from tests.apply.build import ROLE, aliases
from tests.apply.drive import drive, site_of
from tests.support.faulty import Fault, Faulty, lost_after, lost_before

ALIAS = AliasName("alias/orders")
STEPS = {
    "CreateAlias": lambda key, grant: CreateAlias(ALIAS, key),
    "DeleteAlias": lambda key, grant: DeleteAlias(AliasName("alias/old")),
    "RevokeGrant": lambda key, grant: RevokeGrant(key, grant),
    "ScheduleKeyDeletion": lambda key, grant: ScheduleDeletion(key, Days(30)),
    "CancelKeyDeletion": lambda key, grant: CancelDeletion(key),
}


@pytest.fixture
def subject(engine_client):
    """A function from an operation to a key and grant that it can be called for."""

    def make(operation: str) -> tuple[ExistingKey, GrantId]:
        key_id = engine_client("CreateKey", {})["KeyMetadata"]["KeyId"]
        engine_client("CreateAlias", {"AliasName": "alias/old", "TargetKeyId": key_id})
        grant = engine_client("CreateGrant", {"KeyId": key_id, "GranteePrincipal": ROLE, "Operations": ["Decrypt"]})
        if operation == "CancelKeyDeletion":
            engine_client("ScheduleKeyDeletion", {"KeyId": key_id})
        return ExistingKey(key_id), GrantId(grant["GrantId"])

    return make


@pytest.mark.parametrize("operation", STEPS)
def test_a_call_that_already_worked_is_a_success(clock, engine_client, subject, operation):
    step = STEPS[operation](*subject(operation))
    site = site_of(engine_client, clock)
    drive(send_unless_already_so(step, site), clock)
    assert drive(send_unless_already_so(step, site), clock) == (None, [])


@pytest.mark.parametrize("lose", [lost_before, lost_after], ids=["request lost", "answer lost"])
@pytest.mark.parametrize("operation", STEPS)
def test_a_lost_answer_is_followed_by_the_same_call(clock, engine_client, subject, operation, lose):
    step = STEPS[operation](*subject(operation))
    kms = Faulty(engine_client, lose(operation))
    _, pauses = drive(send_unless_already_so(step, site_of(kms, clock)), clock)
    assert (len(pauses), kms.count(operation)) == (1, 2)


def test_answers_that_stay_lost_fail_the_step(clock, engine_client, subject):
    step = STEPS["RevokeGrant"](*subject("RevokeGrant"))
    kms = Faulty(engine_client, lost_before("RevokeGrant", times=99))
    with pytest.raises(AmbiguousOutcome):
        drive(send_unless_already_so(step, site_of(kms, clock)), clock)
    assert kms.count("RevokeGrant") == 3


def test_after_an_interrupt_a_lost_answer_is_not_followed_by_a_call(clock, engine_client, subject):
    step = STEPS["RevokeGrant"](*subject("RevokeGrant"))
    kms = Faulty(engine_client, lost_before("RevokeGrant"))
    with pytest.raises(AmbiguousOutcome):
        drive(send_unless_already_so(step, site_of(kms, clock)), clock, interrupted_at=0)
    assert kms.count("RevokeGrant") == 1


@pytest.mark.parametrize("operation", STEPS)
def test_any_other_refusal_is_told(clock, engine_client, subject, operation):
    step = STEPS[operation](*subject(operation))
    denied = KmsError("AccessDeniedException", "no")
    with pytest.raises(KmsError) as told:
        drive(send_unless_already_so(step, site_of(Faulty(engine_client, Fault(denied)), clock)), clock)
    assert told.value is denied


def test_a_state_that_is_not_the_wanted_one_is_no_success(clock, engine_client, subject):
    step = STEPS["ScheduleKeyDeletion"](*subject("ScheduleKeyDeletion"))
    refused = KmsError("KMSInvalidStateException", "it is being created")
    with pytest.raises(KmsError) as told:
        drive(send_unless_already_so(step, site_of(Faulty(engine_client, Fault(refused)), clock)), clock)
    assert told.value is refused


def test_an_alias_of_another_key_is_told_with_its_key_and_left_there(clock, engine_client, subject):
    theirs, _ = subject("CreateAlias")
    ours = engine_client("CreateKey", {})["KeyMetadata"]["KeyId"]
    step = CreateAlias(AliasName("alias/old"), ExistingKey(ours))
    with pytest.raises(KmsctlError) as told:
        drive(send_unless_already_so(step, site_of(engine_client, clock)), clock)
    assert told.value.what == f"alias/old was meant for key {ours} and points to key {theirs.key}"
    assert "AlreadyExistsException" in told.value.why
    assert aliases(engine_client)["alias/old"] == theirs.key


def test_an_alias_of_a_key_that_may_not_be_described_is_told_without_it(clock, engine_client, subject):
    subject("CreateAlias")
    ours = engine_client("CreateKey", {})["KeyMetadata"]["KeyId"]
    kms = Faulty(engine_client, Fault(KmsError("AccessDeniedException", "no"), "DescribeKey"))
    step = CreateAlias(AliasName("alias/old"), ExistingKey(ours))
    with pytest.raises(KmsctlError, match="a key that cannot be described"):
        drive(send_unless_already_so(step, site_of(kms, clock)), clock)
