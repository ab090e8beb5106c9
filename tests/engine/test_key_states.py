"""The table of key states: every operation in every state, and the ways between the states."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.engine.operations.policy_text import default_policy
from reconciler.kit.errors import KmsError

TARGET = "arn:aws:iam::111122223333:role/app"
OK = "ok"
DISABLED = ("DisabledException", "is disabled.")
IMPORT = ("KMSInvalidStateException", "is pending import.")
DELETION = ("KMSInvalidStateException", "is pending deletion.")
NOT_DELETION = ("KMSInvalidStateException", "is not pending deletion.")
ORIGIN = ("UnsupportedOperationException", "origin is EXTERNAL which is not valid for this operation.")

# operation: (parameters besides KeyId, Enabled, Disabled, PendingImport, PendingDeletion)
TABLE = {
    "CancelKeyDeletion": ({}, NOT_DELETION, NOT_DELETION, NOT_DELETION, OK),
    "CreateGrant": ({"GranteePrincipal": TARGET, "Operations": ["Decrypt"]}, OK, DISABLED, IMPORT, DELETION),
    "DescribeKey": ({}, OK, OK, OK, OK),
    "DisableKey": ({}, OK, OK, IMPORT, DELETION),
    "DisableKeyRotation": ({}, OK, DISABLED, ORIGIN, DELETION),
    "EnableKey": ({}, OK, OK, IMPORT, DELETION),
    "EnableKeyRotation": ({}, OK, DISABLED, ORIGIN, DELETION),
    "Encrypt": ({"Plaintext": b"x"}, OK, DISABLED, IMPORT, DELETION),
    "GenerateDataKey": ({"KeySpec": "AES_256"}, OK, DISABLED, IMPORT, DELETION),
    "GenerateDataKeyWithoutPlaintext": ({"KeySpec": "AES_128"}, OK, DISABLED, IMPORT, DELETION),
    "GetKeyLastUsage": ({}, OK, OK, OK, OK),
    "GetKeyPolicy": ({}, OK, OK, OK, OK),
    "GetKeyRotationStatus": ({}, OK, OK, ORIGIN, OK),
    "ListAliases": ({}, OK, OK, OK, OK),
    "ListGrants": ({}, OK, OK, OK, OK),
    "ListKeyPolicies": ({}, OK, OK, OK, OK),
    "ListKeyRotations": ({}, OK, OK, OK, OK),
    "ListResourceTags": ({}, OK, OK, OK, OK),
    "PutKeyPolicy": ({"Policy": default_policy("111122223333", "aws")}, OK, OK, OK, OK),
    "RotateKeyOnDemand": ({}, OK, DISABLED, IMPORT, DELETION),
    "ScheduleKeyDeletion": ({}, OK, OK, OK, DELETION),
    "TagResource": ({"Tags": [{"TagKey": "a", "TagValue": "b"}]}, OK, OK, OK, DELETION),
    "UntagResource": ({"TagKeys": ["a"]}, OK, OK, OK, DELETION),
    "UpdateKeyDescription": ({"Description": "x"}, OK, OK, OK, DELETION),
}
STATES = ("Enabled", "Disabled", "PendingImport", "PendingDeletion")


@pytest.fixture
def key_in(kms, new_key):
    def make(state):
        key = new_key(Origin="EXTERNAL" if state == "PendingImport" else "AWS_KMS")["KeyId"]
        if state == "Disabled":
            kms("DisableKey", {"KeyId": key})
        if state == "PendingDeletion":
            kms("ScheduleKeyDeletion", {"KeyId": key})
        assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"] == state
        return key

    return make


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", TABLE)
def test_an_operation_in_a_state_does_what_the_table_says(kms, key_in, operation, state):
    parameters, *expected = TABLE[operation]
    key = key_in(state)
    try:
        kms(operation, {"KeyId": key, **parameters})
        outcome = OK
    except KmsError as error:
        arn = kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["Arn"]
        assert error.message.startswith(arn)
        outcome = (error.code, error.message.removeprefix(f"{arn} "))
    assert outcome == expected[STATES.index(state)]


@pytest.mark.parametrize(
    ("state", "expected"), [("Disabled", DISABLED), ("PendingDeletion", DELETION)], ids=["disabled", "dying"]
)
def test_a_ciphertext_of_a_key_out_of_service_does_not_decrypt(kms, refused, new_key, state, expected):
    key, fine = new_key()["KeyId"], new_key()["KeyId"]
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    kms("DisableKey" if state == "Disabled" else "ScheduleKeyDeletion", {"KeyId": key})
    for error in (
        refused("Decrypt", CiphertextBlob=blob),
        refused("Decrypt", CiphertextBlob=blob, KeyId=key),
        refused("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=fine),
        refused("GetPublicKey", KeyId=key),
    ):
        assert (error.code, error.message.partition(" ")[2]) == expected


def test_an_alias_may_leave_but_not_join_a_key_pending_deletion(kms, key_in, refused):
    dying, alive = key_in("PendingDeletion"), key_in("Enabled")
    assert refused("CreateAlias", AliasName="alias/a", TargetKeyId=dying).code == "KMSInvalidStateException"
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": alive})
    assert refused("UpdateAlias", AliasName="alias/a", TargetKeyId=dying).code == "KMSInvalidStateException"
    kms("ScheduleKeyDeletion", {"KeyId": alive})
    kms("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": key_in("Enabled")})
    kms("DeleteAlias", {"AliasName": "alias/a"})


def test_deletion_is_scheduled_with_a_date_and_cancelled_to_disabled(kms, new_key, clock):
    key = new_key()
    answer = kms("ScheduleKeyDeletion", {"KeyId": key["KeyId"], "PendingWindowInDays": 7})
    due = clock.now() + timedelta(days=7)
    assert answer == {
        "KeyId": key["Arn"],
        "DeletionDate": due,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": 7,
    }
    assert kms("DescribeKey", {"KeyId": key["KeyId"]})["KeyMetadata"]["DeletionDate"] == due
    assert kms("CancelKeyDeletion", {"KeyId": key["KeyId"]}) == {"KeyId": key["Arn"]}
    metadata = kms("DescribeKey", {"KeyId": key["KeyId"]})["KeyMetadata"]
    assert metadata["KeyState"] == "Disabled"
    assert "DeletionDate" not in metadata


def test_a_key_without_material_goes_back_to_waiting_for_it(kms, new_key):
    key = new_key(Origin="EXTERNAL")["KeyId"]
    kms("ScheduleKeyDeletion", {"KeyId": key})
    kms("CancelKeyDeletion", {"KeyId": key})
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"] == "PendingImport"


@pytest.mark.parametrize("days", [6, 31, 0, 366])
def test_a_window_outside_7_to_30_days_is_refused(refused, new_key, days):
    error = refused("ScheduleKeyDeletion", KeyId=new_key()["KeyId"], PendingWindowInDays=days)
    assert error.code == "ValidationException"


def test_the_window_is_30_days_when_nothing_is_said(kms, new_key):
    assert kms("ScheduleKeyDeletion", {"KeyId": new_key()["KeyId"]})["PendingWindowInDays"] == 30


def test_a_deleted_key_is_gone_with_its_aliases_grants_tags_and_material(kms, refused, new_key, clock, engine):
    key = new_key(Tags=[{"TagKey": "a", "TagValue": "b"}])
    blob = kms("Encrypt", {"KeyId": key["KeyId"], "Plaintext": b"x"})["CiphertextBlob"]
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key["KeyId"]})
    retiring = "arn:aws:iam::111122223333:role/retire"
    kms(
        "CreateGrant",
        {"KeyId": key["KeyId"], "GranteePrincipal": TARGET, "RetiringPrincipal": retiring, "Operations": ["Decrypt"]},
    )
    kms("ScheduleKeyDeletion", {"KeyId": key["KeyId"], "PendingWindowInDays": 7})
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert kms("DescribeKey", {"KeyId": key["KeyId"]})["KeyMetadata"]["KeyState"] == "PendingDeletion"
    clock.advance(timedelta(seconds=1))
    error = refused("DescribeKey", KeyId=key["KeyId"])
    assert (error.code, error.message) == ("NotFoundException", f"Key '{key['Arn']}' does not exist")
    assert refused("DescribeKey", KeyId="alias/a").code == "NotFoundException"
    assert refused("Decrypt", CiphertextBlob=blob).code == "AccessDeniedException"
    assert kms("ListAliases", {})["Aliases"] == []
    assert kms("ListRetirableGrants", {"RetiringPrincipal": retiring})["Grants"] == []
    assert kms("tagging:GetResources", {})["ResourceTagMappingList"] == []
    deleted = next(engine.events(name="DeleteKey"))
    assert deleted["eventType"] == "AwsServiceEvent"
    assert deleted["userIdentity"] == {"type": "AWSService", "invokedBy": "AWS Internal"}
    assert deleted["eventTime"] == "2026-01-08T00:00:00Z"
