"""Rotation of imported symmetric keys: new material waits until a rotation is asked for.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_RotationsListEntry.html, API_ImportKeyMaterial.html,
API_RotateKeyOnDemand.html
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.kit.errors import KmsError
from tests.support.importing import import_material

FIRST, SECOND, THIRD = bytes(32), bytes(range(32)), bytes(range(1, 33))
NEW = {"ImportType": "NEW_KEY_MATERIAL"}
DAY = timedelta(days=1)


@pytest.fixture
def key(kms, new_key):
    key = new_key(Origin="EXTERNAL")["KeyId"]
    import_material(kms, key, FIRST, KeyMaterialDescription="first")
    return key


def history(kms, key, include="ALL_KEY_MATERIAL"):
    return kms("ListKeyRotations", {"KeyId": key, "IncludeKeyMaterial": include})["Rotations"]


def states(kms, key):
    return [(entry["KeyMaterialState"], entry["ImportState"]) for entry in history(kms, key)]


def state(kms, key):
    return kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"]


def encrypt(kms, key):
    return kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]


def test_new_material_waits_and_becomes_current_on_demand(kms, key, clock):
    first, arn = history(kms, key)[0]["KeyMaterialId"], kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["Arn"]
    old = encrypt(kms, key)
    until = clock.now() + 50 * DAY
    second = import_material(kms, key, SECOND, ValidTo=until, **NEW)["KeyMaterialId"]
    assert kms("Decrypt", {"CiphertextBlob": encrypt(kms, key)})["KeyMaterialId"] == first
    assert history(kms, key) == [
        {
            "KeyId": arn,
            "KeyMaterialId": first,
            "KeyMaterialState": "CURRENT",
            "KeyMaterialDescription": "first",
            "ImportState": "IMPORTED",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        },
        {
            "KeyId": arn,
            "KeyMaterialId": second,
            "KeyMaterialState": "PENDING_ROTATION",
            "ImportState": "IMPORTED",
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": until,
        },
    ]
    clock.advance(DAY)
    kms("RotateKeyOnDemand", {"KeyId": key})
    assert [entry["KeyMaterialState"] for entry in history(kms, key)] == ["NON_CURRENT", "CURRENT"]
    (rotation,) = history(kms, key, "ROTATIONS_ONLY")
    assert (rotation["RotationType"], rotation["RotationDate"]) == ("ON_DEMAND", clock.now())
    assert kms("Decrypt", {"CiphertextBlob": encrypt(kms, key)})["KeyMaterialId"] == second
    assert kms("Decrypt", {"CiphertextBlob": old})["KeyMaterialId"] == first


def test_there_is_no_rotation_without_new_material(kms, key, refused):
    error = refused("RotateKeyOnDemand", KeyId=key)
    assert error.code == "KMSInvalidStateException"
    import_material(kms, key, SECOND, **NEW)
    kms("RotateKeyOnDemand", {"KeyId": key})
    assert refused("RotateKeyOnDemand", KeyId=key).code == "KMSInvalidStateException"


def test_pending_material_can_be_taken_back_and_other_put_in_its_place(kms, key):
    pending = import_material(kms, key, SECOND, **NEW)["KeyMaterialId"]
    with pytest.raises(KmsError, match="pending rotation") as caught:
        import_material(kms, key, THIRD, **NEW)
    assert caught.value.code == "KMSInvalidStateException"
    kms("DeleteImportedKeyMaterial", {"KeyId": key, "KeyMaterialId": pending})
    assert state(kms, key) == "Enabled"
    assert len(history(kms, key)) == 1
    import_material(kms, key, THIRD, **NEW)
    kms("RotateKeyOnDemand", {"KeyId": key})
    encrypt(kms, key)


def test_pending_material_that_expires_is_forgotten_and_the_key_stays_usable(kms, key, clock, refused, engine):
    import_material(kms, key, SECOND, ValidTo=clock.now() + DAY, **NEW)
    clock.advance(2 * DAY)
    assert (state(kms, key), len(history(kms, key))) == ("Enabled", 1)
    assert refused("RotateKeyOnDemand", KeyId=key).code == "KMSInvalidStateException"
    assert len([*engine.events(name="DeleteExpiredKeyMaterial")]) == 1


@pytest.mark.parametrize("again", [FIRST, SECOND], ids=["current", "pending"])
def test_material_that_is_there_is_not_new(kms, key, again):
    import_material(kms, key, SECOND, **NEW)
    with pytest.raises(KmsError, match="already associated") as caught:
        import_material(kms, key, again, **NEW)
    assert caught.value.code == "IncorrectKeyMaterialException"


def test_the_key_is_usable_only_while_all_material_that_belongs_to_it_is_there(kms, key, refused):
    old = encrypt(kms, key)
    import_material(kms, key, SECOND, **NEW)
    kms("RotateKeyOnDemand", {"KeyId": key})
    new = encrypt(kms, key)
    for entry in history(kms, key):
        kms("DeleteImportedKeyMaterial", {"KeyId": key, "KeyMaterialId": entry["KeyMaterialId"]})
    assert states(kms, key) == [("NON_CURRENT", "PENDING_IMPORT"), ("CURRENT", "PENDING_IMPORT")]
    assert not any("ExpirationModel" in entry for entry in history(kms, key))
    import_material(kms, key, SECOND)
    assert state(kms, key) == "PendingImport"
    assert refused("Decrypt", CiphertextBlob=new).code == "KMSInvalidStateException"
    import_material(kms, key, FIRST, KeyMaterialDescription="first again")
    assert state(kms, key) == "Enabled"
    assert [kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] for blob in (old, new)] == [b"x", b"x"]
    assert history(kms, key)[0]["KeyMaterialDescription"] == "first again"


def test_a_description_stays_until_another_is_given(kms, key):
    import_material(kms, key, FIRST)
    assert history(kms, key)[0]["KeyMaterialDescription"] == "first"


def test_the_earliest_expiry_of_what_belongs_to_the_key_is_the_keys(kms, key, clock):
    import_material(kms, key, FIRST, ValidTo=clock.now() + 20 * DAY)
    import_material(kms, key, SECOND, ValidTo=clock.now() + 10 * DAY, **NEW)
    metadata = kms("DescribeKey", {"KeyId": key})["KeyMetadata"]
    assert metadata["ValidTo"] == clock.now() + 20 * DAY
    kms("RotateKeyOnDemand", {"KeyId": key})
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["ValidTo"] == clock.now() + 10 * DAY
    clock.advance(10 * DAY)
    assert state(kms, key) == "PendingImport"
    assert states(kms, key) == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "PENDING_IMPORT")]


def test_25_rotations_on_demand_are_the_most_for_imported_keys_too(kms, key, refused, one_wrapping_pair):
    for index in range(25):
        import_material(kms, key, bytes([index + 1]) * 32, **NEW)
        kms("RotateKeyOnDemand", {"KeyId": key})
    import_material(kms, key, bytes([99]) * 32, **NEW)
    assert refused("RotateKeyOnDemand", KeyId=key).code == "LimitExceededException"


@pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus"])
def test_imported_keys_do_not_rotate_by_themselves(refused, key, operation):
    error = refused(operation, KeyId=key)
    assert error.code == "UnsupportedOperationException"
    assert "origin is EXTERNAL which is not valid for this operation." in error.message
