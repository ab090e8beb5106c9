"""Encapsulate and Decapsulate: the service model's documentation of both, FIPS 203."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

CAPSULES = {"ML_KEM_768": 1_088, "ML_KEM_1024": 1_568}
ML_KEM = {"EncapsulationAlgorithm": "ML_KEM"}


@pytest.fixture(params=CAPSULES)
def spec(request):
    return request.param


@pytest.fixture
def named(new_key, spec):
    arn = new_key(KeySpec=spec, KeyUsage="ENCAPSULATE_DECAPSULATE")["Arn"]
    return {"KeyId": arn, **ML_KEM}


def test_the_capsule_holds_the_secret(kms, named, spec):
    answer = kms("Encapsulate", named)
    assert answer.keys() == {"KeyId", "SharedSecret", "SharedSecretCiphertextBlob", "EncapsulationAlgorithm"}
    assert (len(answer["SharedSecret"]), len(answer["SharedSecretCiphertextBlob"])) == (32, CAPSULES[spec])
    opened = kms("Decapsulate", named | {"SharedSecretCiphertextBlob": answer["SharedSecretCiphertextBlob"]})
    assert opened == named | {"SharedSecret": answer["SharedSecret"]}


def test_a_secret_encapsulated_outside_comes_out_inside(kms, named):
    public = load_der_public_key(kms("GetPublicKey", {"KeyId": named["KeyId"]})["PublicKey"])
    secret, capsule = public.encapsulate()
    assert kms("Decapsulate", named | {"SharedSecretCiphertextBlob": capsule})["SharedSecret"] == secret


def test_no_two_secrets_are_the_same(kms, named):
    assert kms("Encapsulate", named)["SharedSecret"] != kms("Encapsulate", named)["SharedSecret"]


def test_an_altered_capsule_gives_another_secret_and_always_the_same(kms, named):
    answer = kms("Encapsulate", named)
    capsule = bytearray(answer["SharedSecretCiphertextBlob"])
    capsule[7] ^= 1
    opened = [kms("Decapsulate", named | {"SharedSecretCiphertextBlob": bytes(capsule)}) for _ in range(2)]
    assert opened[0] == opened[1]
    assert len(opened[0]["SharedSecret"]) == 32
    assert opened[0]["SharedSecret"] != answer["SharedSecret"]


def test_a_capsule_for_another_key_gives_another_secret(kms, named, new_key, spec):
    answer = kms("Encapsulate", named)
    other = new_key(KeySpec=spec, KeyUsage="ENCAPSULATE_DECAPSULATE")["Arn"]
    opened = kms(
        "Decapsulate",
        {**ML_KEM, "KeyId": other, "SharedSecretCiphertextBlob": answer["SharedSecretCiphertextBlob"]},
    )
    assert opened["SharedSecret"] != answer["SharedSecret"]


@pytest.mark.parametrize("change", [-1, 1, -320])
def test_a_capsule_of_another_length_is_invalid(refused, named, spec, change):
    error = refused("Decapsulate", **named, SharedSecretCiphertextBlob=b"x" * (CAPSULES[spec] + change))
    assert (error.code, error.message) == ("InvalidCiphertextException", "")


@pytest.mark.parametrize("operation", ["Encapsulate", "Decapsulate"])
def test_a_key_for_something_else_does_not_encapsulate(refused, new_key, operation):
    arn = new_key()["Arn"]
    more = {"SharedSecretCiphertextBlob": b"x"} if operation == "Decapsulate" else {}
    error = refused(operation, KeyId=arn, **ML_KEM, **more)
    assert error.code == "InvalidKeyUsageException"
    assert error.message == f"{arn} key usage is ENCRYPT_DECRYPT which is not valid for {operation}."
