"""Imported material in multi-Region keys: the primary first, then each replica by itself.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-import.html and the API reference of
ImportKeyMaterial
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.kit.errors import KmsError
from tests.support.importing import import_material

AWAY, FAR = "eu-west-1", "ap-southeast-2"
FIRST, SECOND = bytes(32), bytes(range(32))
NEW, EXISTING = {"ImportType": "NEW_KEY_MATERIAL"}, {"ImportType": "EXISTING_KEY_MATERIAL"}
WAITING, READY = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION", "PENDING_ROTATION"
DAY = timedelta(days=1)


@pytest.fixture
def away(engine):
    return engine.client(region=AWAY)


@pytest.fixture
def far(engine):
    return engine.client(region=FAR)


@pytest.fixture
def key(kms, new_key, one_wrapping_pair):
    """A primary with its material, and a replica without."""
    key = new_key(Origin="EXTERNAL", MultiRegion=True)["KeyId"]
    import_material(kms, key, FIRST)
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    return key


def history(client, key):
    return client("ListKeyRotations", {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"})["Rotations"]


def last(client, key):
    entry = history(client, key)[-1]
    return entry["KeyMaterialState"], entry["ImportState"]


def state(client, key):
    return client("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"]


def encrypt(client, key):
    return client("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]


def code_of(client, key, material, **terms):
    with pytest.raises(KmsError) as caught:
        import_material(client, key, material, **terms)
    return caught.value.code


def test_a_replica_expects_the_material_of_its_primary(kms, away, key):
    assert state(away, key) == "PendingImport"
    assert history(away, key)[0]["KeyMaterialId"] == history(kms, key)[0]["KeyMaterialId"]
    assert code_of(away, key, SECOND) == "IncorrectKeyMaterialException"
    assert code_of(away, key, SECOND, **NEW) == "UnsupportedOperationException"
    import_material(away, key, FIRST)
    assert kms("Decrypt", {"CiphertextBlob": encrypt(away, key)})["Plaintext"] == b"x"


def test_expiry_and_deletion_are_each_regions_own(kms, away, key, clock):
    import_material(away, key, FIRST, ValidTo=clock.now() + DAY)
    blob = encrypt(away, key)
    clock.advance(2 * DAY)
    assert (state(kms, key), state(away, key)) == ("Enabled", "PendingImport")
    assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
    import_material(away, key, FIRST)
    kms("DeleteImportedKeyMaterial", {"KeyId": key})
    assert (state(kms, key), state(away, key)) == ("PendingImport", "Enabled")
    assert away("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"


def test_new_material_rotates_once_every_region_has_it(kms, away, key, refused):
    import_material(away, key, FIRST)
    second = import_material(kms, key, SECOND, **NEW)["KeyMaterialId"]
    assert (last(kms, key), last(away, key)) == ((WAITING, "IMPORTED"), (WAITING, "PENDING_IMPORT"))
    assert (state(kms, key), state(away, key)) == ("Enabled", "Enabled")
    assert refused("RotateKeyOnDemand", KeyId=key).code == "KMSInvalidStateException"
    assert import_material(away, key, SECOND, **EXISTING)["KeyMaterialId"] == second
    assert (last(kms, key), last(away, key)) == ((READY, "IMPORTED"), (READY, "IMPORTED"))
    kms("RotateKeyOnDemand", {"KeyId": key})
    assert (last(kms, key), last(away, key)) == (("CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED"))
    answer = kms("Decrypt", {"CiphertextBlob": encrypt(away, key)})
    assert answer["KeyMaterialId"] == second


def test_a_replica_that_comes_meanwhile_needs_all_of_it(kms, away, far, key, refused):
    import_material(away, key, FIRST)
    import_material(kms, key, SECOND, **NEW)
    import_material(away, key, SECOND)
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": FAR})
    assert last(kms, key) == (WAITING, "IMPORTED")
    import_material(far, key, SECOND)
    assert (last(kms, key), state(far, key)) == ((READY, "IMPORTED"), "PendingImport")
    import_material(far, key, FIRST)
    assert state(far, key) == "Enabled"
    kms("RotateKeyOnDemand", {"KeyId": key})
    assert far("Decrypt", {"CiphertextBlob": encrypt(away, key)})["Plaintext"] == b"x"


def test_pending_material_of_the_primary_goes_everywhere_that_of_a_replica_there_alone(kms, away, key):
    import_material(away, key, FIRST)
    pending = import_material(kms, key, SECOND, **NEW)["KeyMaterialId"]
    import_material(away, key, SECOND)
    away("DeleteImportedKeyMaterial", {"KeyId": key, "KeyMaterialId": pending})
    assert (last(kms, key), last(away, key)) == ((WAITING, "IMPORTED"), (WAITING, "PENDING_IMPORT"))
    assert state(away, key) == "Enabled"
    import_material(away, key, SECOND)
    kms("DeleteImportedKeyMaterial", {"KeyId": key, "KeyMaterialId": pending})
    assert [len(history(client, key)) for client in (kms, away)] == [1, 1]
    assert code_of(away, key, SECOND) == "IncorrectKeyMaterialException"


def test_new_material_comes_to_whichever_key_is_the_primary(kms, away, new_key):
    key = new_key(Origin="EXTERNAL", MultiRegion=True)["KeyId"]
    import_material(kms, key, FIRST)
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    import_material(away, key, FIRST)
    kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": AWAY})
    assert code_of(kms, key, SECOND, **NEW) == "UnsupportedOperationException"
    import_material(away, key, SECOND, **NEW)
    import_material(kms, key, SECOND)
    away("RotateKeyOnDemand", {"KeyId": key})
    assert kms("Decrypt", {"CiphertextBlob": encrypt(away, key)})["Plaintext"] == b"x"


def test_a_key_that_waits_for_material_is_not_replicated(refused, new_key):
    key = new_key(Origin="EXTERNAL", MultiRegion=True)["KeyId"]
    error = refused("ReplicateKey", KeyId=key, ReplicaRegion=AWAY)
    assert (error.code, error.message.partition(" ")[2]) == ("KMSInvalidStateException", "is pending import.")


def test_a_replica_that_is_deleted_no_longer_holds_up_a_rotation(kms, away, key, clock):
    import_material(away, key, FIRST)
    import_material(kms, key, SECOND, **NEW)
    away("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": 7})
    assert last(kms, key) == (WAITING, "IMPORTED")
    clock.advance(7 * DAY)
    assert last(kms, key) == (READY, "IMPORTED")
    kms("RotateKeyOnDemand", {"KeyId": key})
