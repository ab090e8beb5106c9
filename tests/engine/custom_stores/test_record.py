"""Events about keys in custom key stores.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/ct-decrypt.html
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.engine.audit.additional import additional_data
from reconciler.engine.store.records import Custody
from tests.engine.authz.world import World
from tests.engine.custom_stores.conftest import cloudhsm, external

OTHER = "444455556666"


@pytest.fixture
def last(engine):
    """The additionalEventData of the newest event of an operation."""
    return lambda name: [*engine.events(name=name)][-1].get("additionalEventData")


@pytest.fixture
def hsm(connected):
    return connected(cloudhsm())


@pytest.fixture
def hsm_key(new_key, hsm):
    return new_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=hsm)["KeyId"]


def test_a_use_of_a_key_in_a_cloudhsm_key_store_names_the_store(kms, hsm, hsm_key, last):
    blob = kms("Encrypt", {"KeyId": hsm_key, "Plaintext": b"x"})["CiphertextBlob"]
    kms("Decrypt", {"CiphertextBlob": blob})
    assert last("Encrypt") == last("Decrypt") == {"customKeyStoreId": hsm}


def test_a_use_of_a_key_in_an_external_key_store_names_the_external_key_too(kms, connected, new_key, last):
    store = connected(external())
    key = new_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId="abc01234567890fe")["KeyId"]
    kms("GenerateDataKey", {"KeyId": key, "KeySpec": "AES_256"})
    assert last("GenerateDataKey") == {"customKeyStoreId": store, "xksKeyId": "abc01234567890fe"}


def test_a_use_that_failed_names_the_store(kms, hsm, hsm_key, last, refused):
    blob = kms("Encrypt", {"KeyId": hsm_key, "Plaintext": b"x"})["CiphertextBlob"]
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": hsm})
    assert refused("Encrypt", KeyId=hsm_key, Plaintext=b"x").code == "KMSInvalidStateException"
    assert refused("Decrypt", CiphertextBlob=blob).code == "KMSInvalidStateException"
    assert last("Encrypt") == last("Decrypt") == {"customKeyStoreId": hsm}


def test_who_may_not_use_a_key_does_not_learn_where_it_is(engine, kms, hsm_key, last, refused):
    arn = kms("DescribeKey", {"KeyId": hsm_key})["KeyMetadata"]["Arn"]
    stranger = engine.client(account=OTHER)
    refused("Encrypt", stranger, KeyId=arn, Plaintext=b"x")
    assert last("Encrypt") is None
    refused("Encrypt", stranger, KeyId=arn, Plaintext=b"x", GrantTokens=["no such token"])
    assert last("Encrypt") is None


def test_two_keys_are_told_by_the_second(kms, new_key, hsm, hsm_key, last):
    blob = kms("Encrypt", {"KeyId": new_key()["KeyId"], "Plaintext": b"x"})["CiphertextBlob"]
    kms("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": hsm_key})
    assert last("ReEncrypt") == {"customKeyStoreId": hsm}


def test_a_store_that_was_deleted_since_is_not_named(engine, kms, hsm_key):
    call = World(engine).asked(kms, "Encrypt", KeyId=hsm_key, Plaintext=b"x")
    call.keys = {"KeyId": replace(call.key, custody=Custody(999, None, None))}
    assert additional_data(call, None) is None
