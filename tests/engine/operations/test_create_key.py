"""CreateKey: what each spec gives, and what is refused."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

SPECS = {
    "SYMMETRIC_DEFAULT": ("ENCRYPT_DECRYPT", "EncryptionAlgorithms", ["SYMMETRIC_DEFAULT"]),
    "RSA_2048": ("ENCRYPT_DECRYPT", "EncryptionAlgorithms", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]),
    "ECC_NIST_P256": ("SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_256"]),
    "ECC_NIST_P384": ("KEY_AGREEMENT", "KeyAgreementAlgorithms", ["ECDH"]),
    "ECC_NIST_P521": ("SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_512"]),
    "ECC_SECG_P256K1": ("SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_256"]),
    "ECC_NIST_EDWARDS25519": ("SIGN_VERIFY", "SigningAlgorithms", ["ED25519_SHA_512", "ED25519_PH_SHA_512"]),
    "HMAC_224": ("GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_224"]),
    "HMAC_256": ("GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_256"]),
    "HMAC_384": ("GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_384"]),
    "HMAC_512": ("GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_512"]),
    "ML_DSA_44": ("SIGN_VERIFY", "SigningAlgorithms", ["ML_DSA_SHAKE_256"]),
    "ML_DSA_65": ("SIGN_VERIFY", "SigningAlgorithms", ["ML_DSA_SHAKE_256"]),
    "ML_DSA_87": ("SIGN_VERIFY", "SigningAlgorithms", ["ML_DSA_SHAKE_256"]),
    "ML_KEM_768": ("ENCAPSULATE_DECAPSULATE", "EncapsulationAlgorithms", ["ML_KEM"]),
    "ML_KEM_1024": ("ENCAPSULATE_DECAPSULATE", "EncapsulationAlgorithms", ["ML_KEM"]),
}


def test_a_key_without_parameters_is_a_symmetric_encryption_key(new_key):
    key = new_key()
    assert key.pop("KeyId") in key["Arn"]
    assert re.fullmatch(r"arn:aws:kms:us-east-1:111122223333:key/[0-9a-f-]{36}", key.pop("Arn"))
    assert re.fullmatch("[0-9a-f]{64}", key.pop("CurrentKeyMaterialId"))
    assert key == {
        "AWSAccountId": "111122223333",
        "CreationDate": datetime(2026, 1, 1, tzinfo=UTC),
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }


@pytest.mark.parametrize("spec", SPECS)
def test_every_spec_has_its_usage_and_algorithms_and_real_material(new_key, kms, refused, spec):
    usage, field, algorithms = SPECS[spec]
    key = new_key(KeySpec=spec, KeyUsage=usage)
    assert key[field] == algorithms
    assert (key["KeySpec"], key["KeyUsage"], key["KeyState"]) == (spec, usage, "Enabled")
    if spec.startswith(("SYMMETRIC", "HMAC")):
        assert refused("GetPublicKey", KeyId=key["KeyId"]).code == "UnsupportedOperationException"
    else:
        answer = kms("GetPublicKey", {"KeyId": key["KeyId"]})
        load_der_public_key(answer.pop("PublicKey"))
        assert answer == {
            "KeyId": key["Arn"],
            "CustomerMasterKeySpec": spec,
            "KeySpec": spec,
            "KeyUsage": usage,
            field: algorithms,
        }


def test_describe_gives_what_create_gave(new_key, kms):
    key = new_key(Description="payments", MultiRegion=True)
    assert kms("DescribeKey", {"KeyId": key["Arn"]}) == {"KeyMetadata": key}


def test_a_multi_region_key_is_the_primary_of_itself(new_key):
    key = new_key(MultiRegion=True)
    assert re.fullmatch("mrk-[0-9a-f]{32}", key["KeyId"])
    assert key["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": key["Arn"], "Region": "us-east-1"},
        "ReplicaKeys": [],
    }


@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "RSA_2048"])
def test_a_key_of_external_origin_waits_for_its_material(new_key, spec):
    key = new_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")
    assert (key["KeyState"], key["Enabled"]) == ("PendingImport", False)
    assert "CurrentKeyMaterialId" not in key


def test_the_old_name_of_the_spec_works_as_well(new_key):
    assert new_key(CustomerMasterKeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeySpec"] == "HMAC_256"


def test_no_two_keys_have_the_same_creation_date(new_key):
    dates = [new_key()["CreationDate"] for _ in range(3)]
    assert dates == sorted(set(dates))


def test_the_default_policy_lets_the_account_decide(new_key, kms):
    policy = json.loads(kms("GetKeyPolicy", {"KeyId": new_key()["KeyId"]})["Policy"])
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}


def test_the_partition_follows_the_region(engine):
    key = engine.client(region="cn-north-1")("CreateKey", {})["KeyMetadata"]
    assert key["Arn"].startswith("arn:aws-cn:kms:cn-north-1:111122223333:key/")


REFUSALS = {
    "unknown spec": ({"KeySpec": "AES"}, "ValidationException", "Value 'AES' at 'keySpec' failed to satisfy"),
    "two specs": (
        {"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        "ValidationException",
        "You cannot specify KeySpec and CustomerMasterKeySpec",
    ),
    "no usage": ({"KeySpec": "RSA_2048"}, "ValidationException", "You must specify a KeyUsage value"),
    "wrong usage": (
        {"KeySpec": "RSA_2048", "KeyUsage": "GENERATE_VERIFY_MAC"},
        "ValidationException",
        "KeyUsage GENERATE_VERIFY_MAC is not compatible with KeySpec RSA_2048",
    ),
    "SM2": ({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}, "UnsupportedOperationException", "SM2"),
    "ML-KEM-512": (
        {"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
        "UnsupportedOperationException",
        "ML_KEM_512",
    ),
    "store without custom origin": ({"CustomKeyStoreId": "cks-1"}, "ValidationException", "CustomKeyStoreId"),
    "external key without its origin": ({"XksKeyId": "x"}, "ValidationException", "XksKeyId"),
    "custom origin without store": ({"Origin": "AWS_CLOUDHSM"}, "ValidationException", "CustomKeyStoreId"),
    "custom origin and another spec": (
        {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        "UnsupportedOperationException",
        "custom key store",
    ),
    "custom origin and multi-Region": (
        {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1", "MultiRegion": True},
        "UnsupportedOperationException",
        "Multi-Region",
    ),
    "unknown store": (
        {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "cks-1", "XksKeyId": "a"},
        "CustomKeyStoreNotFoundException",
        "cks-1",
    ),
    "long description": ({"Description": "x" * 8193}, "ValidationException", "length less than or equal to 8192"),
    "bad policy": ({"Policy": "{"}, "MalformedPolicyDocumentException", "not valid JSON"),
    "bad tag": ({"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}, "TagException", "aws:"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_is_refused_and_leaves_nothing(kms, refused, case):
    parameters, code, words = REFUSALS[case]
    error = refused("CreateKey", **parameters)
    assert error.code == code
    assert words in error.message
    assert kms("ListKeys", {})["Keys"] == []
