"""Rotation: automatic, on demand, and what stays decryptable."""

from __future__ import annotations

from datetime import timedelta

import pytest


def rotations(kms, key, **parameters):
    return kms("ListKeyRotations", {"KeyId": key, **parameters})["Rotations"]


def status(kms, key):
    return kms("GetKeyRotationStatus", {"KeyId": key})


def test_rotation_is_off_until_it_is_enabled_with_365_days(kms, new_key, clock):
    key = new_key()["Arn"]
    assert status(kms, key) == {"KeyRotationEnabled": False, "KeyId": key}
    kms("EnableKeyRotation", {"KeyId": key})
    assert status(kms, key) == {
        "KeyRotationEnabled": True,
        "KeyId": key,
        "RotationPeriodInDays": 365,
        "NextRotationDate": clock.now() + timedelta(days=365),
    }
    kms("DisableKeyRotation", {"KeyId": key})
    assert status(kms, key) == {"KeyRotationEnabled": False, "KeyId": key}


def test_enabling_again_changes_the_schedule_only_with_another_period(kms, new_key, clock):
    key = new_key()["KeyId"]
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    first = status(kms, key)
    clock.advance(timedelta(days=10))
    kms("EnableKeyRotation", {"KeyId": key})
    assert status(kms, key) == first
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 100})
    assert status(kms, key)["NextRotationDate"] == clock.now() + timedelta(days=100)


@pytest.mark.parametrize("days", [89, 2561])
def test_a_period_outside_90_to_2560_days_is_refused(refused, new_key, days):
    error = refused("EnableKeyRotation", KeyId=new_key()["KeyId"], RotationPeriodInDays=days)
    assert error.code == "ValidationException"
    assert "at 'rotationPeriodInDays' failed to satisfy constraint" in error.message


def test_what_was_due_several_times_happens_several_times_on_its_dates(kms, new_key, clock, engine):
    key, start = new_key(), clock.now()
    kms("EnableKeyRotation", {"KeyId": key["KeyId"], "RotationPeriodInDays": 90})
    clock.advance(timedelta(days=400))
    done = rotations(kms, key["KeyId"])
    assert [entry["RotationDate"] for entry in done] == [start + timedelta(days=90 * n) for n in (1, 2, 3, 4)]
    assert {entry["RotationType"] for entry in done} == {"AUTOMATIC"}
    assert [entry["KeyMaterialState"] for entry in done] == ["NON_CURRENT"] * 3 + ["CURRENT"]
    assert status(kms, key["KeyId"])["NextRotationDate"] == start + timedelta(days=450)
    assert len([*engine.events(name="RotateKey", resource=key["Arn"])]) == 4


@pytest.mark.parametrize("rotation_type", ["AUTOMATIC", "ON_DEMAND"])
def test_a_rotation_is_recorded_with_its_type_and_both_materials(kms, new_key, clock, engine, rotation_type):
    key = new_key()
    if rotation_type == "ON_DEMAND":
        kms("RotateKeyOnDemand", {"KeyId": key["KeyId"]})
    else:
        kms("EnableKeyRotation", {"KeyId": key["KeyId"], "RotationPeriodInDays": 90})
        clock.advance(timedelta(days=90))
    (event,) = engine.events(name="RotateKey")
    assert (event["requestParameters"], event["responseElements"]) == (None, None)
    assert event["serviceEventDetails"] == {
        "keyId": key["KeyId"],
        "rotationType": rotation_type,
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": key["CurrentKeyMaterialId"],
        "currentKeyMaterialId": kms("DescribeKey", {"KeyId": key["KeyId"]})["KeyMetadata"]["CurrentKeyMaterialId"],
    }


def test_a_disabled_key_rotates_once_when_it_is_enabled_again(kms, new_key, clock):
    key = new_key()["KeyId"]
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    kms("DisableKey", {"KeyId": key})
    clock.advance(timedelta(days=200))
    assert rotations(kms, key) == []
    kms("EnableKey", {"KeyId": key})
    (done,) = rotations(kms, key)
    assert done["RotationDate"] == clock.now()
    assert status(kms, key)["NextRotationDate"] == clock.now() + timedelta(days=90)


def test_a_key_that_was_disabled_for_a_while_keeps_its_schedule(kms, new_key, clock):
    key = new_key()["KeyId"]
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    due = status(kms, key)["NextRotationDate"]
    kms("DisableKey", {"KeyId": key})
    clock.advance(timedelta(days=20))
    kms("EnableKey", {"KeyId": key})
    assert status(kms, key)["NextRotationDate"] == due


def test_a_key_pending_deletion_shows_and_does_no_rotation(kms, new_key, clock):
    key = new_key()["KeyId"]
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    kms("ScheduleKeyDeletion", {"KeyId": key})
    assert status(kms, key)["KeyRotationEnabled"] is False
    kms("CancelKeyDeletion", {"KeyId": key})
    assert status(kms, key)["KeyRotationEnabled"] is True


def test_everything_encrypted_before_a_rotation_decrypts_after_it(kms, new_key):
    key, blobs = new_key()["KeyId"], []
    for index in range(4):
        blobs.append(kms("Encrypt", {"KeyId": key, "Plaintext": str(index).encode()})["CiphertextBlob"])
        kms("RotateKeyOnDemand", {"KeyId": key})
    answers = [kms("Decrypt", {"CiphertextBlob": blob}) for blob in blobs]
    assert [answer["Plaintext"] for answer in answers] == [b"0", b"1", b"2", b"3"]
    history = rotations(kms, key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert [answer["KeyMaterialId"] for answer in answers] == [entry["KeyMaterialId"] for entry in history[:4]]
    assert "RotationDate" not in history[0]
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["CurrentKeyMaterialId"] == history[4]["KeyMaterialId"]


def test_25_rotations_on_demand_are_the_most_of_a_keys_life(kms, refused, new_key):
    key = new_key()
    for _ in range(25):
        assert kms("RotateKeyOnDemand", {"KeyId": key["KeyId"]}) == {"KeyId": key["Arn"]}
    assert refused("RotateKeyOnDemand", KeyId=key["KeyId"]).code == "LimitExceededException"
    assert {entry["RotationType"] for entry in rotations(kms, key["KeyId"])} == {"ON_DEMAND"}


def test_no_rotation_on_demand_just_before_an_automatic_one(kms, refused, new_key, clock):
    key = new_key()["KeyId"]
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    clock.advance(timedelta(days=90) - timedelta(minutes=20))
    assert refused("RotateKeyOnDemand", KeyId=key).code == "ConflictException"


def test_rotations_are_paged(kms, new_key):
    key = new_key()["KeyId"]
    for _ in range(3):
        kms("RotateKeyOnDemand", {"KeyId": key})
    first = kms("ListKeyRotations", {"KeyId": key, "Limit": 2})
    second = kms("ListKeyRotations", {"KeyId": key, "Limit": 2, "Marker": first["NextMarker"]})
    assert (first["Truncated"], second["Truncated"]) == (True, False)
    assert first["Rotations"] + second["Rotations"] == rotations(kms, key)


OTHERS = pytest.mark.parametrize(
    ("spec", "usage"), [("HMAC_256", "GENERATE_VERIFY_MAC"), ("RSA_2048", "ENCRYPT_DECRYPT")], ids=["HMAC", "RSA"]
)


@pytest.mark.parametrize(
    "operation", ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand", "ListKeyRotations"]
)
@OTHERS
def test_other_keys_do_not_rotate(refused, new_key, operation, spec, usage):
    key = new_key(KeySpec=spec, KeyUsage=usage)["KeyId"]
    error = refused(operation, KeyId=key)
    assert (error.code, error.message) == ("UnsupportedOperationException", "")


@OTHERS
def test_whoever_asks_whether_other_keys_rotate_is_told_that_they_do_not(kms, new_key, spec, usage):
    """Terraform asks it of every key whose material KMS made, and takes no error for an answer."""
    key = new_key(KeySpec=spec, KeyUsage=usage)["Arn"]
    assert status(kms, key) == {"KeyRotationEnabled": False, "KeyId": key}
