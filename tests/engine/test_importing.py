"""Imported material: wrapping, what is accepted, expiry, deletion and import again, rotation by new material."""

from __future__ import annotations

import pytest

from tests.support.importing import import_material

MATERIAL, OTHER = bytes(range(32)), bytes(range(1, 33))


def describe(client, key):
    return client("DescribeKey", {"KeyId": key})["KeyMetadata"]


@pytest.fixture
def external(new_key):
    """Create a symmetric key that waits for material; its id."""

    def create(**parameters):
        return new_key(Origin="EXTERNAL", **parameters)["KeyId"]

    return create


def test_a_key_works_once_its_material_is_imported(kms, external):
    key = external()
    answer = import_material(kms, key, MATERIAL)
    metadata = describe(kms, key)
    assert answer == {"KeyId": metadata["Arn"], "KeyMaterialId": metadata["CurrentKeyMaterialId"]}
    assert metadata["KeyState"] == "Enabled"
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"


def test_what_was_encrypted_decrypts_again_after_the_same_material_is_imported_again(kms, external, refused):
    key = external()
    import_material(kms, key, MATERIAL)
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    kms("DeleteImportedKeyMaterial", {"KeyId": key})
    assert describe(kms, key)["KeyState"] == "PendingImport"
    assert refused("Decrypt", CiphertextBlob=blob).code == "KMSInvalidStateException"
    import_material(kms, key, MATERIAL)
    assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"


def test_new_material_becomes_current_when_a_rotation_is_asked_for(kms, external):
    key = external()
    first = import_material(kms, key, MATERIAL)["KeyMaterialId"]
    second = import_material(kms, key, OTHER, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    assert describe(kms, key)["CurrentKeyMaterialId"] == first
    kms("RotateKeyOnDemand", {"KeyId": key})
    assert describe(kms, key)["CurrentKeyMaterialId"] == second
