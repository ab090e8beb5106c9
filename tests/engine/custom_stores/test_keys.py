"""Keys in custom key stores.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html, column Unavailable.
"""

from __future__ import annotations

import pytest

from tests.engine.custom_stores.conftest import cloudhsm, external


@pytest.fixture
def hsm(connected):
    return connected(cloudhsm())


@pytest.fixture
def xks(connected):
    return connected(external())


@pytest.fixture
def key(new_key, hsm):
    return new_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=hsm)["KeyId"]


@pytest.fixture
def state(kms):
    return lambda key: kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"]


def test_a_key_in_a_cloudhsm_key_store_names_its_cluster(new_key, hsm):
    made = new_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=hsm)
    assert (made["CustomKeyStoreId"], made["CloudHsmClusterId"]) == (hsm, "cluster-2a23b4cdefg")
    assert (made["Origin"], made["KeyState"]) == ("AWS_CLOUDHSM", "Enabled")
    assert not {"CurrentKeyMaterialId", "XksKeyConfiguration"} & made.keys()


def test_a_key_in_an_external_key_store_names_its_external_key(new_key, xks):
    made = new_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=xks, XksKeyId="bb8562717f809024")
    assert (made["CustomKeyStoreId"], made["XksKeyConfiguration"]) == (xks, {"Id": "bb8562717f809024"})
    assert "CloudHsmClusterId" not in made


WRONG = {
    "no store": ({"Origin": "AWS_CLOUDHSM"}, "ValidationException"),
    "a store without the origin": ({"CustomKeyStoreId": "hsm"}, "ValidationException"),
    "the other origin": (
        {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "hsm", "XksKeyId": "a"},
        "ValidationException",
    ),
    "no such store": ({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-0"}, "CustomKeyStoreNotFoundException"),
    "no external key": ({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "xks"}, "ValidationException"),
    "an external key in a cluster": (
        {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "hsm", "XksKeyId": "a"},
        "ValidationException",
    ),
    "an external key that is not there": (
        {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "xks", "XksKeyId": "no-such-key"},
        "XksKeyNotFoundException",
    ),
    "an external key that is disabled": (
        {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "xks", "XksKeyId": "disabled-key"},
        "XksKeyInvalidConfigurationException",
    ),
    "another spec": (
        {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "hsm", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        "UnsupportedOperationException",
    ),
    "several Regions": (
        {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "hsm", "MultiRegion": True},
        "UnsupportedOperationException",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_key_that_cannot_be_in_a_custom_key_store_is_refused(refused, hsm, xks, case):
    parameters, code = WRONG[case]
    stores = {"hsm": hsm, "xks": xks}
    store = parameters.get("CustomKeyStoreId")
    given = parameters | ({"CustomKeyStoreId": stores.get(store, store)} if store else {})
    assert refused("CreateKey", **given).code == code


def test_an_external_key_serves_one_key(new_key, refused, xks):
    parameters = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": xks, "XksKeyId": "a"}
    new_key(**parameters)
    assert refused("CreateKey", **parameters).code == "XksKeyAlreadyInUseException"


def test_keys_are_created_in_connected_stores_alone(kms, refused, hsm):
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    error = refused("CreateKey", Origin="AWS_CLOUDHSM", CustomKeyStoreId=hsm)
    assert error.code == "CustomKeyStoreInvalidStateException"


def test_a_disconnected_store_makes_its_keys_unavailable_until_it_is_connected_again(kms, refused, hsm, key, state):
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"hello"})["CiphertextBlob"]
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert state(key) == "Unavailable"
    error = refused("Decrypt", CiphertextBlob=blob)
    assert (error.code, error.message.endswith(f"key/{key} is unavailable.")) == ("KMSInvalidStateException", True)
    kms("ConnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert state(key) == "Enabled"
    assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"hello"


def test_keys_stay_unavailable_while_connecting_fails(kms, hsm, key, state):
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    kms("UpdateCustomKeyStore", {"CustomKeyStoreId": hsm, "KeyStorePassword": "wrong-one"})
    kms("ConnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert state(key) == "Unavailable"


WORKS = {
    "CreateAlias": {"AliasName": "alias/a", "TargetKeyId": "key"},
    "CreateGrant": {"KeyId": "key", "GranteePrincipal": "arn:aws:iam::111122223333:user/a", "Operations": ["Encrypt"]},
    "DescribeKey": {"KeyId": "key"},
    "DisableKey": {"KeyId": "key"},
    "EnableKey": {"KeyId": "key"},
    "GetKeyPolicy": {"KeyId": "key"},
    "ListGrants": {"KeyId": "key"},
    "ScheduleKeyDeletion": {"KeyId": "key"},
    "TagResource": {"KeyId": "key", "Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "UntagResource": {"KeyId": "key", "TagKeys": ["a"]},
    "UpdateKeyDescription": {"KeyId": "key", "Description": "new"},
}
FAILS = {
    "Encrypt": {"KeyId": "key", "Plaintext": b"a"},
    "GenerateDataKey": {"KeyId": "key", "KeySpec": "AES_256"},
    "GenerateDataKeyWithoutPlaintext": {"KeyId": "key", "KeySpec": "AES_256"},
    "CancelKeyDeletion": {"KeyId": "key"},
}
NEVER = {
    "EnableKeyRotation": {"KeyId": "key"},
    "DisableKeyRotation": {"KeyId": "key"},
    "GetKeyRotationStatus": {"KeyId": "key"},
    "RotateKeyOnDemand": {"KeyId": "key"},
}


def with_key(parameters, key):
    return {name: key if value == "key" else value for name, value in parameters.items()}


@pytest.mark.parametrize("operation", WORKS)
def test_an_unavailable_key_is_managed_as_ever(kms, hsm, key, operation):
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    kms(operation, with_key(WORKS[operation], key))


@pytest.mark.parametrize("operation", FAILS)
def test_an_unavailable_key_is_not_used(kms, refused, hsm, key, operation):
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert refused(operation, **with_key(FAILS[operation], key)).code == "KMSInvalidStateException"


@pytest.mark.parametrize("operation", NEVER)
@pytest.mark.parametrize("there", [True, False], ids=["connected", "disconnected"])
def test_a_key_in_a_custom_key_store_never_rotates(kms, refused, hsm, key, operation, there):
    if not there:
        kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert refused(operation, **with_key(NEVER[operation], key)).code == "UnsupportedOperationException"


@pytest.mark.parametrize(("operation", "after"), [("DisableKey", "Disabled"), ("EnableKey", "Enabled")])
def test_what_is_asked_of_an_unavailable_key_shows_once_it_is_available(kms, hsm, key, state, operation, after):
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    kms(operation, {"KeyId": key})
    assert state(key) == "Unavailable"
    kms("ConnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert state(key) == after


def test_a_deletion_is_cancelled_without_the_store(kms, hsm, key, state):
    kms("ScheduleKeyDeletion", {"KeyId": key})
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert state(key) == "PendingDeletion"
    kms("CancelKeyDeletion", {"KeyId": key})
    assert state(key) == "Unavailable"
    kms("ConnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert state(key) == "Disabled"


def test_a_store_with_keys_is_not_deleted_before_the_last_is_gone(kms, refused, hsm, key, clock):
    from datetime import timedelta

    kms("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": 7})
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert refused("DeleteCustomKeyStore", CustomKeyStoreId=hsm).code == "CustomKeyStoreHasCMKsException"
    clock.advance(timedelta(days=7))
    kms("DeleteCustomKeyStore", {"CustomKeyStoreId": hsm})


def test_a_cluster_gives_random_bytes_while_it_is_connected(kms, refused, hsm, xks):
    assert len(kms("GenerateRandom", {"NumberOfBytes": 8, "CustomKeyStoreId": hsm})["Plaintext"]) == 8
    error = refused("GenerateRandom", NumberOfBytes=8, CustomKeyStoreId=xks)
    assert error.code == "UnsupportedOperationException"
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    error = refused("GenerateRandom", NumberOfBytes=8, CustomKeyStoreId=hsm)
    assert error.code == "CustomKeyStoreInvalidStateException"
    error = refused("GenerateRandom", NumberOfBytes=8, CustomKeyStoreId="cks-0")
    assert error.code == "CustomKeyStoreNotFoundException"
