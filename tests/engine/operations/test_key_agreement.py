"""DeriveSharedSecret: https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

CURVES = {
    "ECC_NIST_P256": (ec.SECP256R1(), 32),
    "ECC_NIST_P384": (ec.SECP384R1(), 48),
    "ECC_NIST_P521": (ec.SECP521R1(), 66),
}


@pytest.fixture
def agreeing(new_key):
    def create(spec="ECC_NIST_P256"):
        return new_key(KeySpec=spec, KeyUsage="KEY_AGREEMENT")["Arn"]

    return create


def der(private):
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("spec", CURVES)
def test_the_peer_outside_comes_to_the_same_secret(kms, agreeing, spec):
    curve, length = CURVES[spec]
    arn, peer = agreeing(spec), ec.generate_private_key(curve)
    answer = kms("DeriveSharedSecret", {"KeyId": arn, "KeyAgreementAlgorithm": "ECDH", "PublicKey": der(peer)})
    own = load_der_public_key(kms("GetPublicKey", {"KeyId": arn})["PublicKey"])
    assert answer == {
        "KeyId": arn,
        "SharedSecret": peer.exchange(ec.ECDH(), own),
        "KeyAgreementAlgorithm": "ECDH",
        "KeyOrigin": "AWS_KMS",
    }
    assert len(answer["SharedSecret"]) == length


def test_two_keys_agree(kms, agreeing):
    arns = [agreeing(), agreeing()]
    publics = [kms("GetPublicKey", {"KeyId": arn})["PublicKey"] for arn in arns]
    secrets = {
        kms("DeriveSharedSecret", {"KeyId": arn, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public})["SharedSecret"]
        for arn, public in zip(arns, reversed(publics), strict=True)
    }
    assert len(secrets) == 1


@pytest.mark.parametrize(
    "peer", [b"no key", der(ec.generate_private_key(ec.SECP384R1()))], ids=["no key", "another curve"]
)
def test_a_peer_elsewhere_is_refused(refused, agreeing, peer):
    error = refused("DeriveSharedSecret", KeyId=agreeing(), KeyAgreementAlgorithm="ECDH", PublicKey=peer)
    assert (error.code, error.message) == ("ValidationException", "")


@pytest.mark.parametrize(
    ("spec", "usage"), [("ECC_NIST_P256", "SIGN_VERIFY"), ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")], ids=["ECC", "AES"]
)
def test_a_key_for_something_else_does_not_agree(refused, new_key, spec, usage):
    arn = new_key(KeySpec=spec, KeyUsage=usage)["Arn"]
    error = refused("DeriveSharedSecret", KeyId=arn, KeyAgreementAlgorithm="ECDH", PublicKey=b"x")
    assert error.code == "InvalidKeyUsageException"
    assert error.message == f"{arn} key usage is {usage} which is not valid for DeriveSharedSecret."
