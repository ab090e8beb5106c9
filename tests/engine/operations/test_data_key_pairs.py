"""GenerateDataKeyPair: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html"""

from __future__ import annotations

import pytest
from botocore.session import get_session
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mlkem, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from tests.engine.custom_stores.conftest import cloudhsm

SPECS = get_session().get_service_model("kms").shape_for("DataKeyPairSpec").enum
KINDS = {
    "RSA_2048": rsa.RSAPrivateKey,
    "RSA_3072": rsa.RSAPrivateKey,
    "RSA_4096": rsa.RSAPrivateKey,
    "ECC_NIST_P256": ec.EllipticCurvePrivateKey,
    "ECC_NIST_P384": ec.EllipticCurvePrivateKey,
    "ECC_NIST_P521": ec.EllipticCurvePrivateKey,
    "ECC_SECG_P256K1": ec.EllipticCurvePrivateKey,
    "ECC_NIST_EDWARDS25519": ed25519.Ed25519PrivateKey,
    "ML_KEM_768": mlkem.MLKEM768PrivateKey,
    "ML_KEM_1024": mlkem.MLKEM1024PrivateKey,
}
CONTEXT = {"tenant": "blue"}
ECDSA = ec.ECDSA(hashes.SHA256())


@pytest.mark.parametrize("spec", SPECS)
def test_a_pair_comes_plain_and_encrypted_or_is_not_to_be_had(kms, refused, new_key, spec):
    key = new_key()
    named = {"KeyId": key["KeyId"], "KeyPairSpec": spec, "EncryptionContext": CONTEXT}
    if spec not in KINDS:
        error = refused("GenerateDataKeyPair", **named)
        assert error.code == "UnsupportedOperationException"
        assert spec in error.message
        return
    answer = kms("GenerateDataKeyPair", named)
    private = load_der_private_key(answer["PrivateKeyPlaintext"], password=None)
    assert isinstance(private, KINDS[spec])
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert public == answer["PublicKey"]
    assert (answer["KeyId"], answer["KeyPairSpec"]) == (key["Arn"], spec)
    assert answer["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    opened = kms("Decrypt", {"CiphertextBlob": answer["PrivateKeyCiphertextBlob"], "EncryptionContext": CONTEXT})
    assert opened["Plaintext"] == answer["PrivateKeyPlaintext"]
    error = refused("Decrypt", CiphertextBlob=answer["PrivateKeyCiphertextBlob"], EncryptionContext={"tenant": "red"})
    assert error.code == "InvalidCiphertextException"


def test_without_plaintext_the_private_key_is_only_encrypted(kms, new_key):
    named = {"KeyId": new_key()["KeyId"], "KeyPairSpec": "ECC_NIST_P256"}
    answer = kms("GenerateDataKeyPairWithoutPlaintext", named)
    members = {"PrivateKeyCiphertextBlob", "PublicKey", "KeyId", "KeyPairSpec", "KeyMaterialId"}
    assert answer.keys() == members
    private = kms("Decrypt", {"CiphertextBlob": answer["PrivateKeyCiphertextBlob"]})["Plaintext"]
    signature = load_der_private_key(private, password=None).sign(b"x", ECDSA)
    load_der_public_key(answer["PublicKey"]).verify(signature, b"x", ECDSA)


def test_no_two_pairs_are_the_same(kms, new_key):
    named = {"KeyId": new_key()["KeyId"], "KeyPairSpec": "ECC_NIST_P256"}
    assert len({kms("GenerateDataKeyPair", named)["PublicKey"] for _ in range(5)}) == 5


@pytest.mark.parametrize("operation", ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"])
@pytest.mark.parametrize(
    ("spec", "usage", "words"),
    [
        ("RSA_2048", "ENCRYPT_DECRYPT", "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "key usage is GENERATE_VERIFY_MAC which is not valid for"),
    ],
    ids=["RSA", "HMAC"],
)
def test_only_a_symmetric_encryption_key_encrypts_pairs(refused, new_key, operation, spec, usage, words):
    key = new_key(KeySpec=spec, KeyUsage=usage)["KeyId"]
    error = refused(operation, KeyId=key, KeyPairSpec="ECC_NIST_P256")
    assert error.code == "InvalidKeyUsageException"
    assert words in error.message


def test_a_pair_survives_the_rotation_of_its_key(kms, new_key):
    key = new_key()["KeyId"]
    answer = kms("GenerateDataKeyPair", {"KeyId": key, "KeyPairSpec": "ECC_NIST_P384"})
    kms("RotateKeyOnDemand", {"KeyId": key})
    opened = kms("Decrypt", {"CiphertextBlob": answer["PrivateKeyCiphertextBlob"]})
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (answer["PrivateKeyPlaintext"], answer["KeyMaterialId"])


@pytest.mark.parametrize("operation", ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"])
def test_a_key_in_a_custom_key_store_encrypts_no_pairs(kms, refused, new_key, operation):
    store = kms("CreateCustomKeyStore", cloudhsm())["CustomKeyStoreId"]
    kms("ConnectCustomKeyStore", {"CustomKeyStoreId": store})
    key = new_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)["Arn"]
    error = refused(operation, KeyId=key, KeyPairSpec="ECC_NIST_P256")
    assert error.code == "UnsupportedOperationException"
    assert error.message == f"{key} origin is AWS_CLOUDHSM which is not valid for this operation."
