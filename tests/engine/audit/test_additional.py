"""What events say beyond the request and the response.

Source: pages of https://docs.aws.amazon.com/kms/latest/developerguide/, named at each fact.
"""

from __future__ import annotations

import pytest

from tests.support.importing import import_material

APP = "arn:aws:iam::111122223333:role/app"
MATERIAL = b"m" * 32


@pytest.fixture
def last(engine):
    """The newest event of an operation."""
    return lambda name: [*engine.events(name=name)][-1]


def sealed(kms, key):
    return kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]


PAIR = {"KeyPairSpec": "ECC_NIST_P256"}
# case: the page → operation and its parameters besides the key
SERVED = {
    "ct-encrypt.html": ("Encrypt", {"Plaintext": b"x"}),
    "ct-generatedatakey.html": ("GenerateDataKey", {"KeySpec": "AES_256"}),
    "ct-generatedatakeyplaintext.html": ("GenerateDataKeyWithoutPlaintext", {"KeySpec": "AES_256"}),
    "ct-generatedatakeypair.html": ("GenerateDataKeyPair", PAIR),
    "ct-generatedatakeypairwithoutplaintext.html": ("GenerateDataKeyPairWithoutPlaintext", PAIR),
}


@pytest.mark.parametrize("page", SERVED)
def test_an_event_names_the_material_that_served(kms, new_key, last, page):
    operation, parameters = SERVED[page]
    key = new_key()
    kms(operation, {"KeyId": key["KeyId"], **parameters})
    event = last(operation)
    assert event["additionalEventData"] == {"keyMaterialId": key["CurrentKeyMaterialId"]}
    assert event["responseElements"] is None


@pytest.mark.parametrize("named", [True, False], ids=["by its key", "by the ciphertext alone"])
def test_decrypt_names_the_material_that_encrypted(kms, new_key, last, named):
    key = new_key()
    blob = sealed(kms, key["KeyId"])
    kms("RotateKeyOnDemand", {"KeyId": key["KeyId"]})
    kms("Decrypt", {"CiphertextBlob": blob} | ({"KeyId": key["KeyId"]} if named else {}))
    assert last("Decrypt")["additionalEventData"] == {"keyMaterialId": key["CurrentKeyMaterialId"]}  # ct-decrypt.html


def test_re_encrypt_names_both_materials(kms, new_key, last):
    one, two = new_key(), new_key()
    kms("ReEncrypt", {"CiphertextBlob": sealed(kms, one["KeyId"]), "DestinationKeyId": two["KeyId"]})
    assert last("ReEncrypt")["additionalEventData"] == {  # ct-reencrypt.html
        "sourceKeyMaterialId": one["CurrentKeyMaterialId"],
        "destinationKeyMaterialId": two["CurrentKeyMaterialId"],
    }


def test_keys_of_other_specs_name_no_material(kms, new_key, last):
    key = new_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    kms("Encrypt", {"KeyId": key, "Plaintext": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"})
    mac = new_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    kms("GenerateMac", {"KeyId": mac, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"})  # ct-generatemac.html
    for name in ("Encrypt", "GenerateMac", "CreateKey"):
        assert "additionalEventData" not in last(name)


def test_what_failed_used_no_material(kms, new_key, refused, last):
    refused("Encrypt", KeyId=new_key()["KeyId"], Plaintext=b"x", DryRun=True)
    assert "additionalEventData" not in last("Encrypt")


def test_a_retired_grant_is_named_when_its_token_was_all_that_was_given(kms, new_key, last):
    given = {"KeyId": new_key()["KeyId"], "GranteePrincipal": APP, "Operations": ["Decrypt"]}
    grant = kms("CreateGrant", given)
    kms("RetireGrant", {"GrantToken": grant["GrantToken"]})
    event = last("RetireGrant")
    assert event["additionalEventData"] == {"grantId": grant["GrantId"]}  # ct-retire-grant.html
    assert not event["requestParameters"]
    assert event["responseElements"] is None


@pytest.fixture
def told(kms, new_key, last):
    """A key's ARN, and what each mutation of it answered as its event has it."""
    key = new_key(Origin="EXTERNAL")
    named, tag = {"KeyId": key["KeyId"]}, {"TagKey": "a", "TagValue": "b"}
    import_material(kms, key["KeyId"], MATERIAL)
    calls = {
        "CreateAlias": {"AliasName": "alias/a", "TargetKeyId": key["KeyId"]},
        "UpdateAlias": {"AliasName": "alias/a", "TargetKeyId": key["KeyId"]},
        "DeleteAlias": {"AliasName": "alias/a"},
        "CreateGrant": named | {"GranteePrincipal": APP, "Operations": ["Decrypt"]},
        "TagResource": named | {"Tags": [tag]},
        "UntagResource": named | {"TagKeys": ["a"]},
        "DisableKey": named,
        "EnableKey": named,
    }
    for operation, parameters in calls.items():
        kms(operation, parameters)
    return key["Arn"], {name: last(name)["responseElements"] for name in (*calls, "ImportKeyMaterial")}


def test_mutations_tell_the_arn_of_their_key_where_their_page_says_so(told):
    arn, answers = told
    assert answers.pop("TagResource") is None  # ct-tagresource.html
    assert answers.pop("CreateGrant").keys() == {"grantId", "keyId"}  # ct-creategrant.html
    assert answers.pop("ImportKeyMaterial").keys() == {"keyId", "keyMaterialId"}  # ct-importkeymaterial.html
    assert answers == {name: {"keyId": arn} for name in answers}  # ct-createalias.html, ct-disablekey.html and others


def test_what_kms_does_by_itself_was_requested_by_nobody(kms, new_key, clock, engine):
    key = new_key()
    kms("ScheduleKeyDeletion", {"KeyId": key["KeyId"], "PendingWindowInDays": 7})
    clock.sleep(8 * 86_400)
    (event,) = engine.events(name="DeleteKey")
    assert not {"requestID", "serviceEventDetails", "additionalEventData"} & event.keys()  # ct-delete-key.html
    assert event["responseElements"] == {"keyId": key["Arn"]}
