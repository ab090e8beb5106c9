"""Imported material: import, deletion and import again, expiry, and what is refused.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html and
API_DeleteImportedKeyMaterial.html
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.engine.crypto import wrapping
from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsError
from tests.support.importing import FOREVER, OAEP, import_material, parameters, wrap

MATERIAL, OTHER = bytes(range(32)), bytes(range(1, 33))
DAY = timedelta(days=1)


def describe(client, key):
    return client("DescribeKey", {"KeyId": key})["KeyMetadata"]


def state(client, key):
    return describe(client, key)["KeyState"]


@pytest.fixture
def external(new_key):
    """Create a key that waits for material; its id."""

    def create(**parameters):
        return new_key(Origin="EXTERNAL", **parameters)["KeyId"]

    return create


@pytest.fixture
def filled(kms, external):
    """Create a symmetric key with material; its id."""

    def create(**terms):
        key = external()
        import_material(kms, key, MATERIAL, **terms)
        return key

    return create


def encrypt(kms, key):
    return kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]


def test_a_key_works_once_its_material_is_imported(kms, external):
    key = external()
    answer = import_material(kms, key, MATERIAL)
    metadata = describe(kms, key)
    assert answer == {"KeyId": metadata["Arn"], "KeyMaterialId": metadata["CurrentKeyMaterialId"]}
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "ValidTo" not in metadata
    assert kms("Decrypt", {"CiphertextBlob": encrypt(kms, key)})["KeyMaterialId"] == answer["KeyMaterialId"]


def test_parameters_are_good_for_a_day(kms, external, clock):
    key = external()
    given = parameters(kms, key)
    assert (given["KeyId"], given["ParametersValidTo"]) == (describe(kms, key)["Arn"], clock.now() + DAY)
    clock.advance(DAY - timedelta(seconds=1))
    import_material(kms, key, MATERIAL, given=given)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(KmsError) as caught:
        import_material(kms, key, MATERIAL, given=given)
    assert caught.value.code == "ExpiredImportTokenException"


def test_each_answer_has_a_wrapping_key_of_its_own(kms, external):
    key = external()
    first, second = parameters(kms, key), parameters(kms, key)
    assert first["PublicKey"] != second["PublicKey"]
    mixed = {"ImportToken": first["ImportToken"], "PublicKey": second["PublicKey"]}
    with pytest.raises(KmsError) as caught:
        import_material(kms, key, MATERIAL, given=mixed)
    assert (caught.value.code, caught.value.message) == ("InvalidCiphertextException", "")


def test_a_token_is_for_one_key_in_one_region(kms, engine, external, new_key):
    key = external(MultiRegion=True)
    token = parameters(kms, key)
    import_material(kms, key, MATERIAL)
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": "eu-west-1"})
    for client, target in ((kms, external()), (engine.client(region="eu-west-1"), key)):
        with pytest.raises(KmsError) as caught:
            import_material(client, target, MATERIAL, given=token)
        assert caught.value.code == "InvalidImportTokenException"


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign"])
def test_a_token_that_this_store_did_not_make_is_refused(kms, refused, external, damage):
    key = external()
    given = parameters(kms, key)
    token = given["ImportToken"]
    damaged = {
        "cut": token[:-1],
        "flipped": token[:40] + bytes([token[40] ^ 1]) + token[41:],
        "empty": b"\0",
        "foreign": encrypt(kms, kms("CreateKey", {})["KeyMetadata"]["KeyId"]),
    }[damage]
    wrapped = wrap(given["PublicKey"], OAEP, MATERIAL)
    error = refused("ImportKeyMaterial", KeyId=key, ImportToken=damaged, EncryptedKeyMaterial=wrapped, **FOREVER)
    assert error.code == "InvalidImportTokenException"
    assert state(kms, key) == "PendingImport"


def test_another_process_takes_the_token_too(kms, data, clock, external):
    key = external()
    given = parameters(kms, key)
    with Engine.open(data, clock=clock) as other:
        import_material(other.client(), key, MATERIAL, given=given)
        blob = encrypt(other.client(), key)
        assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
        kms("DeleteImportedKeyMaterial", {"KeyId": key})
        with pytest.raises(KmsError, match="is pending import"):
            other.client()("Decrypt", {"CiphertextBlob": blob})


def test_what_was_encrypted_decrypts_again_after_the_same_material_is_imported_again(kms, filled, refused):
    key = filled()
    blob = encrypt(kms, key)
    arn, material_id = describe(kms, key)["Arn"], describe(kms, key)["CurrentKeyMaterialId"]
    assert kms("DeleteImportedKeyMaterial", {"KeyId": key}) == {"KeyId": arn, "KeyMaterialId": material_id}
    metadata = describe(kms, key)
    assert (metadata["KeyState"], metadata["CurrentKeyMaterialId"]) == ("PendingImport", material_id)
    assert "ExpirationModel" not in metadata
    assert refused("Decrypt", CiphertextBlob=blob).code == "KMSInvalidStateException"
    assert import_material(kms, key, MATERIAL)["KeyMaterialId"] == material_id
    assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"


def test_other_material_is_not_taken_in_its_place(kms, filled):
    key = filled()
    kms("DeleteImportedKeyMaterial", {"KeyId": key})
    with pytest.raises(KmsError) as caught:
        import_material(kms, key, OTHER)
    assert caught.value.code == "IncorrectKeyMaterialException"
    assert state(kms, key) == "PendingImport"


def test_material_is_imported_again_by_its_id(kms, filled):
    key = filled()
    named = {"KeyMaterialId": describe(kms, key)["CurrentKeyMaterialId"], "ImportType": "EXISTING_KEY_MATERIAL"}
    assert import_material(kms, key, MATERIAL, **named)["KeyMaterialId"] == named["KeyMaterialId"]
    with pytest.raises(KmsError) as caught:
        import_material(kms, key, MATERIAL, KeyMaterialId="0" * 64)
    assert caught.value.code == "IncorrectKeyMaterialException"


def test_the_same_material_in_another_key_has_another_id_and_does_not_decrypt(kms, filled, refused):
    one, other = filled(), filled()
    assert describe(kms, one)["CurrentKeyMaterialId"] != describe(kms, other)["CurrentKeyMaterialId"]
    assert refused("Decrypt", CiphertextBlob=encrypt(kms, one), KeyId=other).code == "IncorrectKeyException"


def test_deleting_what_is_not_there_has_no_effect(kms, external, refused, filled):
    empty, gone = external(), filled()
    assert kms("DeleteImportedKeyMaterial", {"KeyId": empty}) == {"KeyId": describe(kms, empty)["Arn"]}
    kms("DeleteImportedKeyMaterial", {"KeyId": gone})
    kms("DeleteImportedKeyMaterial", {"KeyId": gone})
    assert (state(kms, empty), state(kms, gone)) == ("PendingImport", "PendingImport")
    assert refused("DeleteImportedKeyMaterial", KeyId=gone, KeyMaterialId="0" * 64).code == "NotFoundException"


def test_material_expires_on_its_date_and_can_be_imported_again(kms, filled, clock, engine, refused):
    until = clock.now() + 9 * DAY
    key = filled(ValidTo=until)
    metadata = describe(kms, key)
    assert (metadata["ExpirationModel"], metadata["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", until)
    blob = encrypt(kms, key)
    clock.advance(9 * DAY - timedelta(seconds=1))
    kms("Decrypt", {"CiphertextBlob": blob})
    clock.advance(30 * DAY)
    assert refused("Decrypt", CiphertextBlob=blob).message.endswith("is pending import.")
    (event,) = engine.events(name="DeleteExpiredKeyMaterial")
    assert (event["eventTime"], event["eventType"]) == ("2026-01-10T00:00:00Z", "AwsServiceEvent")
    assert event["resources"][0]["ARN"] == metadata["Arn"]
    material = metadata["CurrentKeyMaterialId"]
    assert event["serviceEventDetails"] == {"keyId": key, "keyMaterialId": material}  # ct-deleteexpiredkeymaterial.html
    import_material(kms, key, MATERIAL, ValidTo=clock.now() + DAY)
    assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
    clock.advance(DAY)
    assert state(kms, key) == "PendingImport"


def test_importing_the_same_material_again_sets_its_expiry_anew(kms, filled, clock):
    key = filled(ValidTo=clock.now() + DAY)
    import_material(kms, key, MATERIAL, ValidTo=clock.now() + 5 * DAY)
    clock.advance(2 * DAY)
    assert state(kms, key) == "Enabled"
    import_material(kms, key, MATERIAL)
    clock.advance(400 * DAY)
    assert describe(kms, key)["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"


def test_a_key_that_awaits_deletion_stays_so_when_its_material_goes(kms, filled, clock):
    expiring, emptied = filled(ValidTo=clock.now() + DAY), filled()
    for key in (expiring, emptied):
        kms("ScheduleKeyDeletion", {"KeyId": key})
    kms("DeleteImportedKeyMaterial", {"KeyId": emptied})
    clock.advance(2 * DAY)
    for key in (expiring, emptied):
        assert state(kms, key) == "PendingDeletion"
        kms("CancelKeyDeletion", {"KeyId": key})
        assert state(kms, key) == "PendingImport"


def test_a_disabled_key_waits_for_its_material_and_is_enabled_by_it(kms, filled):
    key = filled()
    kms("DisableKey", {"KeyId": key})
    import_material(kms, key, MATERIAL)
    assert state(kms, key) == "Disabled"
    kms("DeleteImportedKeyMaterial", {"KeyId": key})
    assert state(kms, key) == "PendingImport"
    import_material(kms, key, MATERIAL)
    assert state(kms, key) == "Enabled"


REFUSALS = {
    "no end": ({"ExpirationModel": "KEY_MATERIAL_EXPIRES"}, "ValidationException", "A validTo date must be set"),
    "no end by default": ({"ExpirationModel": None}, "ValidationException", "A validTo date must be set"),
    "an end for ever": ({"ValidTo": DAY, **FOREVER}, "ValidationException", "ValidTo is only valid"),
    "an end that has passed": ({"ValidTo": -DAY}, "ValidationException", "in the future"),
    "an end that is now": ({"ValidTo": 0 * DAY}, "ValidationException", "in the future"),
    "an end too late": ({"ValidTo": 366 * DAY}, "ValidationException", "365 days"),
    "new by id": (
        {"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": "0" * 64},
        "ValidationException",
        "KeyMaterialId cannot be specified",
    ),
    "the first by id": ({"KeyMaterialId": "0" * 64}, "ValidationException", "KeyMaterialId cannot be specified"),
    "none to replace": ({"ImportType": "EXISTING_KEY_MATERIAL"}, "IncorrectKeyMaterialException", "expects"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_import_that_breaks_a_rule_is_refused_and_leaves_nothing(kms, external, clock, case):
    terms, code, words = REFUSALS[case]
    key = external()
    if "ValidTo" in terms:
        terms = terms | {"ValidTo": clock.now() + terms["ValidTo"]}
    with pytest.raises(KmsError, match=words) as caught:
        import_material(kms, key, MATERIAL, **terms)
    assert caught.value.code == code
    assert state(kms, key) == "PendingImport"
    assert kms("ListKeyRotations", {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"})["Rotations"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ImportType", "NEW_KEY_MATERIAL"),
        ("KeyMaterialId", "0" * 64),
        ("KeyMaterialDescription", "a"),
    ],
)
def test_only_symmetric_encryption_keys_have_ids_and_types_of_material(kms, external, refused, name, value):
    key = external(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    with pytest.raises(KmsError, match=f"{name} is not supported") as caught:
        import_material(kms, key, MATERIAL, **{name: value})
    assert caught.value.code == "UnsupportedOperationException"
    assert import_material(kms, key, MATERIAL) == {"KeyId": describe(kms, key)["Arn"]}
    if name == "KeyMaterialId":
        error = refused("DeleteImportedKeyMaterial", KeyId=key, KeyMaterialId=value)
        assert error.code == "UnsupportedOperationException"


@pytest.mark.parametrize("operation", ["GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial"])
def test_keys_with_material_of_kms_take_none(refused, new_key, operation):
    given = {
        "GetParametersForImport": {"WrappingAlgorithm": OAEP, "WrappingKeySpec": "RSA_2048"},
        "ImportKeyMaterial": {"ImportToken": b"x", "EncryptedKeyMaterial": b"x", **FOREVER},
        "DeleteImportedKeyMaterial": {},
    }[operation]
    error = refused(operation, KeyId=new_key()["KeyId"], **given)
    assert error.code == "UnsupportedOperationException"
    assert "origin is AWS_KMS which is not valid for this operation." in error.message


@pytest.mark.parametrize("slow", ["generate", "unwrap"])
def test_others_are_served_while_a_wrapping_key_is_made_or_used(kms, external, monkeypatch, slow):
    key, served, really = external(), [], getattr(wrapping, slow)

    def while_others_call(*arguments):
        served.append(kms("ListKeys", {}))  # would wait for ever if the store were held
        return really(*arguments)

    monkeypatch.setattr(wrapping, slow, while_others_call)
    import_material(kms, key, MATERIAL)
    assert len(served) == 1


def test_nothing_secret_of_an_import_is_in_the_record(kms, external, engine):
    key = external()
    given = parameters(kms, key)
    import_material(kms, key, MATERIAL, given=given, KeyMaterialDescription="from the vault")
    record = str([*engine.events()])
    assert MATERIAL.hex() not in record
    assert str(MATERIAL)[2:-1] not in record
    (event,) = engine.events(name="ImportKeyMaterial")
    assert set(event["requestParameters"]) == {"keyId", "expirationModel", "keyMaterialDescription"}
    (asked,) = engine.events(name="GetParametersForImport")
    assert asked["responseElements"] is None


def test_deleted_material_is_in_no_file_and_not_in_memory(kms, filled, engine, data):
    key = filled()
    connection = engine._store._database.connection
    (sealed,) = connection.execute("SELECT sealed FROM materials WHERE sealed IS NOT NULL").fetchone()
    encrypt(kms, key)
    kms("DeleteImportedKeyMaterial", {"KeyId": key})
    assert not any(sealed in path.read_bytes() for path in data.iterdir() if path.is_file())
    assert not engine._keyring._cache
