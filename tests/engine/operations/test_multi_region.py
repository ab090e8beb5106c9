"""Multi-Region keys: replicas, what they share and what not, and the move of the primary.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html, API_ReplicateKey.html and
API_UpdatePrimaryRegion.html
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.engine.engine import Engine

AWAY, FAR = "eu-west-1", "ap-southeast-2"
POLICY = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}}'
LOCKOUT = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:*", "Resource": "*"}}'
PAIRS = {
    "RSA_2048": "SIGN_VERIFY",
    "ECC_NIST_P256": "SIGN_VERIFY",
    "ML_DSA_44": "SIGN_VERIFY",
    "HMAC_256": "GENERATE_VERIFY_MAC",
}


@pytest.fixture
def away(engine):
    return engine.client(region=AWAY)


@pytest.fixture
def far(engine):
    return engine.client(region=FAR)


@pytest.fixture
def replicated(kms, new_key):
    """Create a multi-Region key with replicas, parameters as for CreateKey; its id."""

    def create(*regions, **parameters):
        key = new_key(MultiRegion=True, **parameters)["KeyId"]
        for region in regions or (AWAY,):
            kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": region})
        return key

    return create


def describe(client, key):
    return client("DescribeKey", {"KeyId": key})["KeyMetadata"]


def kind(client, key):
    return describe(client, key)["MultiRegionConfiguration"]["MultiRegionKeyType"]


def rotations(client, key):
    """The history of a key without its ARN, which differs from Region to Region."""
    found = client("ListKeyRotations", {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"})["Rotations"]
    return [{name: value for name, value in entry.items() if name != "KeyId"} for entry in found]


def test_the_answer_shows_the_replica_being_created(kms, away, new_key, clock):
    primary = new_key(MultiRegion=True, Description="here")
    tags = [{"TagKey": "a", "TagValue": "b"}]
    given = {"ReplicaRegion": AWAY, "Description": "there", "Policy": POLICY, "Tags": tags}
    answer = kms("ReplicateKey", {"KeyId": primary["KeyId"], **given})
    arn = primary["Arn"].replace("us-east-1", AWAY)
    metadata = answer.pop("ReplicaKeyMetadata")
    assert answer == {"ReplicaPolicy": POLICY, "ReplicaTags": tags}
    assert (metadata["KeyState"], metadata["Enabled"], metadata["Description"]) == ("Creating", False, "there")
    assert metadata["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "REPLICA",
        "PrimaryKey": {"Arn": primary["Arn"], "Region": "us-east-1"},
        "ReplicaKeys": [{"Arn": arn, "Region": AWAY}],
    }
    ready = {"KeyState": "Enabled", "Enabled": True, "CurrentKeyMaterialId": primary["CurrentKeyMaterialId"]}
    assert describe(away, primary["KeyId"]) == metadata | ready
    assert away("ListResourceTags", {"KeyId": arn})["Tags"] == tags
    assert away("GetKeyPolicy", {"KeyId": arn})["Policy"] == POLICY


def test_a_ciphertext_of_one_region_decrypts_in_another(kms, away, replicated):
    key = replicated()
    there = away("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    here = kms("Encrypt", {"KeyId": key, "Plaintext": b"y"})["CiphertextBlob"]
    assert kms("Decrypt", {"CiphertextBlob": there})["Plaintext"] == b"x"
    assert away("Decrypt", {"CiphertextBlob": here})["Plaintext"] == b"y"


@pytest.mark.parametrize("spec", PAIRS)
def test_replicas_of_every_kind_of_key_have_its_material(kms, away, replicated, spec):
    key = replicated(KeySpec=spec, KeyUsage=PAIRS[spec])
    if spec.startswith("HMAC"):
        request = {"KeyId": key, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
        assert away("GenerateMac", request)["Mac"] == kms("GenerateMac", request)["Mac"]
    else:
        assert away("GetPublicKey", {"KeyId": key})["PublicKey"] == kms("GetPublicKey", {"KeyId": key})["PublicKey"]


def test_aliases_tags_policies_grants_descriptions_and_being_enabled_are_each_regions_own(kms, away, replicated):
    key = replicated(Description="d", Tags=[{"TagKey": "a", "TagValue": "b"}], Policy=POLICY)
    named = {"KeyId": key}
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key})
    kms("CreateGrant", {**named, "GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Decrypt"]})
    kms("DisableKey", named)
    assert away("ListAliases", named)["Aliases"] == []
    assert away("ListGrants", named)["Grants"] == []
    assert away("ListResourceTags", named)["Tags"] == []
    assert away("GetKeyPolicy", named)["Policy"] != POLICY
    assert (describe(away, key)["Description"], describe(away, key)["KeyState"]) == ("", "Enabled")
    away("Encrypt", {**named, "Plaintext": b"x"})


def test_rotation_is_the_primarys_and_reaches_every_replica(kms, away, far, replicated, clock, engine):
    key = replicated(AWAY, FAR)
    old = away("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    status = kms("GetKeyRotationStatus", {"KeyId": key})
    assert status["KeyRotationEnabled"]
    assert away("GetKeyRotationStatus", {"KeyId": key}) == status | {"KeyId": describe(away, key)["Arn"]}
    clock.advance(timedelta(days=91))
    kms("RotateKeyOnDemand", {"KeyId": key})
    assert rotations(kms, key) == rotations(away, key) == rotations(far, key)
    assert [entry.get("RotationType") for entry in rotations(far, key)] == [None, "AUTOMATIC", "ON_DEMAND"]
    new = far("Encrypt", {"KeyId": key, "Plaintext": b"y"})["CiphertextBlob"]
    assert [client("Decrypt", {"CiphertextBlob": old})["Plaintext"] for client in (kms, away, far)] == [b"x"] * 3
    assert [client("Decrypt", {"CiphertextBlob": new})["Plaintext"] for client in (kms, away, far)] == [b"y"] * 3
    assert {event["awsRegion"] for event in engine.events(name="SynchronizeMultiRegionKey")} == {"us-east-1"}


def test_a_replica_that_comes_late_has_all_earlier_material(kms, far, replicated):
    key = replicated()
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    kms("RotateKeyOnDemand", {"KeyId": key})
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": FAR})
    assert rotations(far, key) == rotations(kms, key)
    assert far("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"


@pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"])
def test_rotation_is_not_set_on_a_replica(refused, away, replicated, operation):
    error = refused(operation, away, KeyId=replicated())
    assert error.code == "UnsupportedOperationException"
    assert error.message.endswith(" is not a multi-region primary key.")


def test_a_deleted_replica_leaves_the_others_as_they_are_and_can_be_made_again(kms, away, far, replicated, clock):
    key = replicated(AWAY, FAR)
    blob = away("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    away("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": 7})
    clock.advance(timedelta(days=7))
    assert [one["Region"] for one in describe(kms, key)["MultiRegionConfiguration"]["ReplicaKeys"]] == [FAR]
    assert far("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    assert away("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"


def refusals(kms, replicated, new_key):
    key = replicated()
    return {
        "a single-Region key": (new_key()["KeyId"], AWAY, "UnsupportedOperationException", "not a multi-Region key"),
        "the Region of a replica": (key, AWAY, "AlreadyExistsException", "already exists in the Region eu-west-1"),
        "its own Region": (key, "us-east-1", "AlreadyExistsException", "already exists in the Region us-east-1"),
        "another partition": (key, "cn-north-1", "ValidationException", "not in the partition aws"),
        "no key": ("mrk-" + "0" * 32, AWAY, "NotFoundException", "does not exist"),
    }


@pytest.mark.parametrize(
    "case", ["a single-Region key", "the Region of a replica", "its own Region", "another partition", "no key"]
)
def test_what_cannot_be_replicated_is_refused(kms, refused, replicated, new_key, case):
    key, region, code, words = refusals(kms, replicated, new_key)[case]
    error = refused("ReplicateKey", KeyId=key, ReplicaRegion=region)
    assert error.code == code
    assert words in error.message


def test_a_replica_is_not_replicated(refused, away, replicated):
    error = refused("ReplicateKey", away, KeyId=replicated(), ReplicaRegion=FAR)
    assert error.code == "UnsupportedOperationException"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Policy": "{"}, "MalformedPolicyDocumentException"),
        ({"Policy": LOCKOUT}, "MalformedPolicyDocumentException"),
        ({"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}, "TagException"),
    ],
    ids=["no JSON", "lockout", "reserved tag"],
)
def test_a_refused_replica_leaves_nothing(refused, away, new_key, given, code):
    key = new_key(MultiRegion=True)["KeyId"]
    assert refused("ReplicateKey", KeyId=key, ReplicaRegion=AWAY, **given).code == code
    assert away("ListKeys", {})["Keys"] == []


def test_a_replica_counts_among_the_keys_of_its_region(kms, away, engine, refused, new_key):
    key = new_key(MultiRegion=True)["KeyId"]
    away("CreateKey", {})
    with engine._store.writing():
        engine._store.quotas.set("111122223333", AWAY, "keys", 1)
    assert refused("ReplicateKey", KeyId=key, ReplicaRegion=AWAY).code == "LimitExceededException"
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": FAR})


def test_the_lockout_check_can_be_bypassed(kms, new_key):
    key = new_key(MultiRegion=True)["KeyId"]
    given = {"ReplicaRegion": AWAY, "Policy": LOCKOUT, "BypassPolicyLockoutSafetyCheck": True}
    assert kms("ReplicateKey", {"KeyId": key, **given})["ReplicaPolicy"] == LOCKOUT


def test_replicating_is_recorded_in_both_regions(kms, replicated, engine, away):
    key = replicated()
    (call,) = engine.events(name="ReplicateKey")
    assert call["awsRegion"] == "us-east-1"
    assert [one["ARN"] for one in call["resources"]] == [describe(kms, key)["Arn"]]
    (made,) = engine.events(name="CreateKey", region=AWAY)
    assert made["resources"][0]["ARN"] == describe(away, key)["Arn"]
    assert made["responseElements"]["keyMetadata"]["keyState"] == "Creating"
    assert made["requestParameters"]["multiRegion"] is True


def test_the_primary_moves_to_a_replica_and_keeps_what_is_shared(kms, away, far, replicated, clock, engine):
    key = replicated(AWAY, FAR)
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    kms("RotateKeyOnDemand", {"KeyId": key})
    assert kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": AWAY}) == {}
    assert [kind(client, key) for client in (kms, away, far)] == ["REPLICA", "PRIMARY", "REPLICA"]
    assert describe(far, key)["MultiRegionConfiguration"]["PrimaryKey"]["Region"] == AWAY
    assert away("GetKeyRotationStatus", {"KeyId": key})["RotationPeriodInDays"] == 90
    clock.advance(timedelta(days=91))
    assert len(rotations(kms, key)) == 3
    assert {event["awsRegion"] for event in engine.events(name="UpdatePrimaryRegion")} == {"us-east-1", AWAY}
    assert next(engine.events(name="RotateKey", region=AWAY))["resources"][0]["ARN"] == describe(away, key)["Arn"]


def test_the_rotations_on_demand_of_a_key_are_counted_wherever_its_primary_is(kms, away, refused, replicated):
    key = replicated()
    for _ in range(24):
        kms("RotateKeyOnDemand", {"KeyId": key})
    kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": AWAY})
    away("RotateKeyOnDemand", {"KeyId": key})
    assert refused("RotateKeyOnDemand", away, KeyId=key).code == "LimitExceededException"
    away("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": "us-east-1"})
    assert refused("RotateKeyOnDemand", KeyId=key).code == "LimitExceededException"


def test_the_primary_does_not_move_where_it_cannot(kms, away, refused, replicated, new_key):
    key, single = replicated(), new_key()["KeyId"]
    assert refused("UpdatePrimaryRegion", KeyId=single, PrimaryRegion=AWAY).code == "UnsupportedOperationException"
    assert refused("UpdatePrimaryRegion", KeyId=key, PrimaryRegion=FAR).code == "NotFoundException"
    assert refused("UpdatePrimaryRegion", KeyId=key, PrimaryRegion="us-east-1").code == "UnsupportedOperationException"
    assert refused("UpdatePrimaryRegion", away, KeyId=key, PrimaryRegion=AWAY).code == "UnsupportedOperationException"
    away("DisableKey", {"KeyId": key})
    assert refused("UpdatePrimaryRegion", KeyId=key, PrimaryRegion=AWAY).code == "DisabledException"
    assert kind(kms, key) == "PRIMARY"


@pytest.fixture
def slow(data, clock):
    """An engine where what is written takes three seconds to be seen."""
    with Engine.open(data, clock=clock, consistency_delay=timedelta(seconds=3)) as opened:
        yield opened


def test_with_a_delay_a_replica_is_creating_for_that_long(slow, clock, refused):
    kms, away = slow.client(), slow.client(region=AWAY)
    key = kms("CreateKey", {"MultiRegion": True})["KeyMetadata"]["KeyId"]
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    assert describe(away, key)["KeyState"] == "Creating"
    error = refused("Encrypt", away, KeyId=key, Plaintext=b"x")
    assert (error.code, error.message.partition(" ")[2]) == ("KMSInvalidStateException", "is creating.")
    away("TagResource", {"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": ""}]})
    clock.sleep(3)
    away("Encrypt", {"KeyId": key, "Plaintext": b"x"})


def test_with_a_delay_both_keys_are_updating_and_stay_usable(slow, clock, refused):
    kms, away = slow.client(), slow.client(region=AWAY)
    key = kms("CreateKey", {"MultiRegion": True})["KeyMetadata"]["KeyId"]
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    clock.sleep(3)
    kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": AWAY})
    assert [describe(client, key)["KeyState"] for client in (kms, away)] == ["Updating"] * 2
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    assert away("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
    error = refused("DisableKey", KeyId=key)
    assert (error.code, error.message.partition(" ")[2]) == ("KMSInvalidStateException", "is updating.")
    clock.sleep(3)
    assert [describe(client, key)["KeyState"] for client in (kms, away)] == ["Enabled"] * 2


def test_a_replica_that_is_still_creating_can_be_scheduled_for_deletion_and_stays_so(slow, clock):
    kms, away = slow.client(), slow.client(region=AWAY)
    key = kms("CreateKey", {"MultiRegion": True})["KeyMetadata"]["KeyId"]
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    away("ScheduleKeyDeletion", {"KeyId": key})
    clock.sleep(3)
    assert describe(away, key)["KeyState"] == "PendingDeletion"


def test_another_process_sees_replicas_and_their_rotation_at_once(kms, data, clock, replicated):
    with Engine.open(data, clock=clock) as other:
        there = other.client(region=AWAY)
        key = replicated()
        blob = there("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
        kms("RotateKeyOnDemand", {"KeyId": key})
        assert rotations(there, key) == rotations(kms, key)
        assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
        kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": AWAY})
        there("RotateKeyOnDemand", {"KeyId": key})
        assert len(rotations(kms, key)) == 3
