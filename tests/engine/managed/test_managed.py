"""AWS managed keys.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from reconciler.engine.caller import ServiceCall
from reconciler.engine.managed.services import services
from reconciler.kit.errors import KmsError

ROOT = "arn:aws:iam::111122223333:root"


@pytest.fixture
def s3(engine):
    """S3, which works for the account's root user."""
    return engine.client(principal=ROOT, service=ServiceCall("s3.amazonaws.com"))


@pytest.fixture
def key(kms):
    return kms("DescribeKey", {"KeyId": "alias/aws/s3"})["KeyMetadata"]


def test_describing_a_predefined_alias_makes_its_key_once(kms, key, clock):
    assert key["KeyManager"] == "AWS"
    assert key["KeyState"] == "Enabled"
    assert key["Description"] == "Default key that protects my S3 objects when no other key is defined"
    clock.advance(timedelta(hours=1))
    arn = "arn:aws:kms:us-east-1:111122223333:alias/aws/s3"
    assert kms("DescribeKey", {"KeyId": arn})["KeyMetadata"] == key


def test_a_services_call_makes_its_key_and_encrypts_with_it(s3, kms):
    made = s3("GenerateDataKey", {"KeyId": "alias/aws/s3", "KeySpec": "AES_256"})
    opened = s3("Decrypt", {"CiphertextBlob": made["CiphertextBlob"]})
    assert opened["Plaintext"] == made["Plaintext"]
    assert opened["KeyId"] == kms("DescribeKey", {"KeyId": "alias/aws/s3"})["KeyMetadata"]["Arn"]


def test_nobody_uses_the_key_without_its_service(engine, kms, s3, refused):
    assert refused("Encrypt", KeyId="alias/aws/s3", Plaintext=b"a").code == "AccessDeniedException"
    sqs = engine.client(principal=ROOT, service=ServiceCall("sqs.amazonaws.com"))
    blob = s3("Encrypt", {"KeyId": "alias/aws/s3", "Plaintext": b"a"})["CiphertextBlob"]
    assert refused("Encrypt", client=sqs, KeyId="alias/aws/s3", Plaintext=b"a").code == "AccessDeniedException"
    assert refused("Decrypt", CiphertextBlob=blob).code == "AccessDeniedException"


def test_who_may_not_make_the_call_makes_no_key(kms, engine, refused):
    assert refused("Encrypt", KeyId="alias/aws/s3", Plaintext=b"a").code == "AccessDeniedException"
    nobody = engine.client(principal="arn:aws:iam::111122223333:user/nobody")
    assert refused("DescribeKey", client=nobody, KeyId="alias/aws/s3").code == "AccessDeniedException"
    assert kms("ListKeys", {})["Keys"] == []
    assert kms("ListAliases", {})["Aliases"] == []


@pytest.mark.parametrize("name", ["alias/aws/nothing", "alias/aws/", "arn:aws:kms:us-east-1:444455556666:alias/aws/s3"])
def test_only_services_with_a_key_have_one(kms, refused, name):
    assert refused("DescribeKey", KeyId=name).code in {"NotFoundException", "AccessDeniedException"}
    assert kms("ListKeys", {})["Keys"] == []


def test_accounts_and_regions_have_keys_of_their_own(engine, key):
    for elsewhere in (engine.client(region="eu-west-1"), engine.client(account="444455556666")):
        other = elsewhere("DescribeKey", {"KeyId": "alias/aws/s3"})["KeyMetadata"]
        assert other["KeyId"] != key["KeyId"]


def test_the_key_and_its_alias_are_listed(kms, key):
    assert [entry["KeyId"] for entry in kms("ListKeys", {})["Keys"]] == [key["KeyId"]]
    (alias,) = kms("ListAliases", {"KeyId": key["KeyId"]})["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/aws/s3", key["KeyId"])


def test_predefined_aliases_are_listed_once_a_service_has_worked_there(kms, new_key):
    for name in ("alias/a", "alias/z"):
        kms("CreateAlias", {"AliasName": name, "TargetKeyId": new_key()["KeyId"]})
    assert len(kms("ListAliases", {})["Aliases"]) == 2
    kms("DescribeKey", {"KeyId": "alias/aws/s3"})
    listed, parameters = [], {"Limit": 7}
    while True:
        page = kms("ListAliases", parameters)
        listed += page["Aliases"]
        if not page["Truncated"]:
            break
        parameters["Marker"] = page["NextMarker"]
    names = [entry["AliasName"] for entry in listed]
    assert names == sorted([*services(), "alias/a", "alias/z"])
    targeted = [entry["AliasName"] for entry in listed if "TargetKeyId" in entry]
    assert targeted == ["alias/a", "alias/aws/s3", "alias/z"]


def test_the_policy_is_the_documented_one(kms, key):
    policy = json.loads(kms("GetKeyPolicy", {"KeyId": key["KeyId"]})["Policy"])
    use, look = policy["Statement"]
    assert use["Condition"] == {
        "StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": ["s3.us-east-1.amazonaws.com"]}
    }
    assert look["Principal"] == {"AWS": ROOT}
    assert look["Action"] == ["kms:Describe*", "kms:Get*", "kms:List*"]


@pytest.mark.parametrize("name", services())
def test_every_services_key_serves_its_service_and_allows_a_look(engine, kms, name):
    described = kms("DescribeKey", {"KeyId": name})["KeyMetadata"]
    via = services()[name].via[0]
    service = engine.client(principal=ROOT, service=ServiceCall(f"{via}.amazonaws.com"))
    assert service("Encrypt", {"KeyId": name, "Plaintext": b"a"})["KeyId"] == described["Arn"]


def test_the_key_rotates_every_year(engine, kms, key, clock):
    status = kms("GetKeyRotationStatus", {"KeyId": key["KeyId"]})
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)
    clock.advance(timedelta(days=365 * 2))
    rotations = kms("ListKeyRotations", {"KeyId": key["KeyId"]})["Rotations"]
    assert [rotation["RotationType"] for rotation in rotations] == ["AUTOMATIC", "AUTOMATIC"]


ADMINISTRATION = {
    "CancelKeyDeletion": {},
    "CreateGrant": {"GranteePrincipal": ROOT, "Operations": ["Encrypt"]},
    "DisableKey": {},
    "DisableKeyRotation": {},
    "EnableKey": {},
    "EnableKeyRotation": {},
    "PutKeyPolicy": {"Policy": "{}"},
    "ReplicateKey": {"ReplicaRegion": "eu-west-1"},
    "RotateKeyOnDemand": {},
    "ScheduleKeyDeletion": {},
    "TagResource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "UntagResource": {"TagKeys": ["a"]},
    "UpdateKeyDescription": {"Description": "mine"},
    "UpdatePrimaryRegion": {"PrimaryRegion": "eu-west-1"},
}


@pytest.mark.parametrize("operation", ADMINISTRATION)
def test_the_key_is_nobodys_to_administer(refused, key, operation):
    error = refused(operation, KeyId=key["KeyId"], **ADMINISTRATION[operation])
    assert error.code == "AccessDeniedException"
    assert f"not authorized to perform: kms:{operation} on resource: {key['Arn']}" in error.message


def test_its_alias_stays_where_it_is(kms, refused, key, new_key):
    own = new_key()["KeyId"]
    assert refused("DeleteAlias", AliasName="alias/aws/s3").code == "AccessDeniedException"
    assert refused("UpdateAlias", AliasName="alias/aws/s3", TargetKeyId=own).code == "AccessDeniedException"
    assert refused("CreateAlias", AliasName="alias/mine", TargetKeyId=key["KeyId"]).code == "AccessDeniedException"
    assert refused("CreateAlias", AliasName="alias/aws/mine", TargetKeyId=own).code == "NotAuthorizedException"


def test_it_counts_against_no_quota_of_keys(engine, kms, key, refused, new_key):
    engine.set_limit("111122223333", "us-east-1", "keys", 1)
    new_key()
    assert refused("CreateKey").code == "LimitExceededException"
    kms("DescribeKey", {"KeyId": "alias/aws/ebs"})


def test_its_making_is_in_the_record(engine, key):
    (event,) = engine.events(name="CreateKey")
    assert (event["eventType"], event["resources"][0]["ARN"]) == ("AwsServiceEvent", key["Arn"])


def test_aws_owned_keys_are_nowhere_to_be_seen(kms, engine, s3):
    """S3 and DynamoDB encrypt with them by default; an account never sees one."""
    s3("GenerateDataKey", {"KeyId": "alias/aws/s3", "KeySpec": "AES_256"})
    for entry in kms("ListKeys", {})["Keys"]:
        metadata = kms("DescribeKey", {"KeyId": entry["KeyId"]})["KeyMetadata"]
        assert (metadata["AWSAccountId"], metadata["KeyManager"]) == ("111122223333", "AWS")
    with pytest.raises(KmsError):
        kms("DescribeKey", {"KeyId": "alias/aws-owned/s3"})
