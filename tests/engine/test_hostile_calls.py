"""Calls that somebody made to break the engine, or to learn what is not theirs."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reconciler.engine.call import Call
from reconciler.engine.caller import Caller
from reconciler.kit.errors import KmsError

DEEP = base64.urlsafe_b64encode(b"[" * 1_500).decode()
STRANGER = "444455556666"


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("tagging:GetResources", {"PaginationToken": DEEP}, "PaginationTokenExpiredException"),
        ("cloudtrail:LookupEvents", {"NextToken": DEEP}, "InvalidNextTokenException"),
        ("ListKeys", {"Limit": 10**5_000}, "ValidationException"),
        ("ListKeys", {"Limit": -(2**63)}, "ValidationException"),
        (
            "cloudtrail:LookupEvents",
            {"StartTime": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))},
            "ValidationException",
        ),
    ],
    ids=["deep token", "deep next token", "number without end", "number below 64 bits", "instant before time"],
)
def test_a_call_that_no_client_makes_gets_an_error_of_the_service(refused, operation, parameters, code):
    assert refused(operation, **parameters).code == code


def test_a_plaintext_that_is_no_text_is_refused_without_being_shown(refused, new_key):
    error = refused("Encrypt", KeyId=new_key()["KeyId"], Plaintext="top secret\ud800")
    assert error.code == "ValidationException"
    assert "top secret" not in str(error)


def test_a_message_does_not_grow_with_the_number_of_faults(refused):
    error = refused("TagResource", KeyId="x", Tags=[{}] * 20_000)
    assert error.message.startswith("40000 validation errors detected: ")
    assert len(error.message) < 10_000


def test_a_call_that_is_printed_shows_no_parameter(engine):
    caller = Caller("111122223333", "us-east-1", "aws", "arn:aws:iam::111122223333:root")
    given = {"Plaintext": b"top secret"}
    call = Call(
        engine._store, engine._keyring, caller, "Encrypt", given, 0, "r", "e", engine._authority, parameters=given
    )
    assert "top secret" not in repr(call)


@pytest.fixture
def stranger(engine):
    return engine.client(account=STRANGER)


def test_a_stranger_cannot_tell_a_key_that_is_there_from_one_that_is_not(refused, stranger, new_key):
    arn = new_key()["Arn"]
    missing = arn[:-12] + "000000000000"
    there, gone = (refused("DescribeKey", stranger, KeyId=each) for each in (arn, missing))
    assert (there.code, there.message) == (gone.code, gone.message.replace(missing, arn))


def test_a_stranger_learns_from_an_alias_neither_that_it_is_there_nor_which_key_it_names(
    refused, kms, stranger, new_key
):
    key = new_key()["KeyId"]
    kms("CreateAlias", {"AliasName": "alias/there", "TargetKeyId": key})
    there, gone = (
        refused("DescribeKey", stranger, KeyId=f"arn:aws:kms:us-east-1:111122223333:alias/{name}")
        for name in ("there", "gone")
    )
    assert (there.code, there.message) == (gone.code, gone.message.replace("gone", "there"))
    assert key not in str(stranger("cloudtrail:LookupEvents", {}))


def test_a_stranger_learns_nothing_from_a_ciphertext_of_another_account(refused, engine, kms, stranger, new_key, clock):
    key = new_key()["KeyId"]
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    there = refused("Decrypt", stranger, CiphertextBlob=blob)
    kms("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": 7})
    clock.advance(timedelta(days=8))
    gone = refused("Decrypt", stranger, CiphertextBlob=blob)
    assert (there.code, there.message) == (gone.code, gone.message) == ("AccessDeniedException", there.message)


SHARED_NAME = "alias/same"


def test_two_accounts_and_two_regions_of_one_store_share_nothing(engine):
    places = [(account, region) for account in ("111122223333", STRANGER) for region in ("us-east-1", "eu-west-1")]
    clients = {place: engine.client(account=place[0], region=place[1]) for place in places}
    made = {}
    for place, client in clients.items():
        tags = [{"TagKey": "same", "TagValue": "same"}]
        made[place] = client("CreateKey", {"Tags": tags, "Description": str(place)})["KeyMetadata"]
        client("CreateAlias", {"AliasName": SHARED_NAME, "TargetKeyId": made[place]["KeyId"]})
    for place, client in clients.items():
        own = made[place]["Arn"]
        assert [entry["KeyArn"] for entry in client("ListKeys", {})["Keys"]] == [own]
        assert [entry["TargetKeyId"] for entry in client("ListAliases", {})["Aliases"]] == [made[place]["KeyId"]]
        found = client("tagging:GetResources", {"TagFilters": [{"Key": "same"}]})["ResourceTagMappingList"]
        assert [entry["ResourceARN"] for entry in found] == [own]
        assert client("DescribeKey", {"KeyId": SHARED_NAME})["KeyMetadata"]["Arn"] == own
        seen = str(client("cloudtrail:LookupEvents", {}))
        assert not [other for other in made.values() if other["Arn"] != own and other["KeyId"] in seen]
    for place, client in clients.items():
        blob = client("Encrypt", {"KeyId": SHARED_NAME, "Plaintext": b"x"})["CiphertextBlob"]
        for elsewhere, other in clients.items():
            if elsewhere != place:
                with pytest.raises(KmsError):
                    other("Decrypt", {"CiphertextBlob": blob})


def test_a_token_of_one_account_retires_nothing_in_another(kms, stranger, refused, new_key):
    key = new_key()["KeyId"]
    grantee = {"GranteePrincipal": "arn:aws:iam::111122223333:role/r", "Operations": ["Decrypt"]}
    token = kms("CreateGrant", {"KeyId": key, **grantee})["GrantToken"]
    assert refused("RetireGrant", stranger, GrantToken=token).code == "AccessDeniedException"
    assert len(kms("ListGrants", {"KeyId": key})["Grants"]) == 1


def test_a_denied_call_is_on_record_with_its_encryption_context(engine, kms, stranger, refused, new_key):
    key = new_key()["Arn"]
    refused("Encrypt", stranger, KeyId=key, Plaintext=b"top secret", EncryptionContext={"tenant": "blue"})
    (event,) = engine.events(account=STRANGER)
    assert event["errorCode"] == "AccessDenied"
    assert event["requestParameters"]["encryptionContext"] == {"tenant": "blue"}
    assert event["resources"][0]["ARN"] == key
    assert "top secret" not in str(event)


def test_a_clock_that_goes_back_undoes_nothing_and_keeps_the_order_of_keys(data):
    from reconciler.engine.engine import Engine
    from reconciler.kit.clock import ManualClock

    later = datetime(2026, 6, 1, tzinfo=UTC)
    clock = ManualClock(later)
    with Engine.open(data, clock=clock) as engine:
        kms = engine.client()
        first = kms("CreateKey", {})["KeyMetadata"]
        kms("EnableKeyRotation", {"KeyId": first["KeyId"]})
        kms("Encrypt", {"KeyId": first["KeyId"], "Plaintext": b"x"})
        clock.advance(timedelta(days=-100))
        second = kms("CreateKey", {})["KeyMetadata"]
        assert second["CreationDate"] > first["CreationDate"]
        kms("Encrypt", {"KeyId": first["KeyId"], "Plaintext": b"x"})
        kms("ListKeys", {})
        assert kms("GetKeyRotationStatus", {"KeyId": first["KeyId"]})["NextRotationDate"] > later
        assert len(list(engine.events(name="Encrypt"))) == 2
