"""GenerateMac and VerifyMac: https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html"""

from __future__ import annotations

import itertools

import pytest
from cryptography.hazmat.primitives import hashes, hmac

BITS = (224, 256, 384, 512)
HASHES = {224: hashes.SHA224(), 256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
MESSAGE = b"what is told"


@pytest.fixture
def mac_key(new_key):
    def create(bits=256):
        return new_key(KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")["Arn"]

    return create


@pytest.mark.parametrize(("spec", "algorithm"), [*itertools.product(BITS, BITS)])
def test_a_key_has_the_one_algorithm_of_its_size(kms, refused, mac_key, spec, algorithm):
    named = {"KeyId": mac_key(spec), "Message": MESSAGE, "MacAlgorithm": f"HMAC_SHA_{algorithm}"}
    if spec != algorithm:
        for operation, more in (("GenerateMac", {}), ("VerifyMac", {"Mac": b"x"})):
            error = refused(operation, **named, **more)
            assert error.code == "InvalidKeyUsageException"
            assert error.message == f"Algorithm HMAC_SHA_{algorithm} is incompatible with key spec HMAC_{spec}."
        return
    answer = kms("GenerateMac", named)
    assert {**answer, "Mac": len(answer["Mac"])} == {
        "KeyId": named["KeyId"],
        "MacAlgorithm": named["MacAlgorithm"],
        "Mac": spec // 8,
    }
    verified = kms("VerifyMac", named | {"Mac": answer["Mac"]})
    assert verified == {"KeyId": named["KeyId"], "MacAlgorithm": named["MacAlgorithm"], "MacValid": True}


@pytest.mark.parametrize("bits", BITS)
def test_the_code_is_the_hmac_of_the_message_under_the_material(engine, kms, mac_key, bits):
    arn = mac_key(bits)
    answer = kms("GenerateMac", {"KeyId": arn, "Message": MESSAGE, "MacAlgorithm": f"HMAC_SHA_{bits}"})
    (secret,) = engine._keyring._cache.values()
    expected = hmac.HMAC(secret.value, HASHES[bits])
    expected.update(MESSAGE)
    assert answer["Mac"] == expected.finalize()
    assert len(secret.value) == bits // 8


@pytest.mark.parametrize("fault", ["flipped", "short", "long", "other message", "other key"])
def test_what_does_not_fit_is_an_invalid_mac_without_words(kms, refused, mac_key, fault):
    named = {"KeyId": mac_key(), "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    mac = kms("GenerateMac", named)["Mac"]
    changes = {
        "flipped": {"Mac": bytes([mac[0] ^ 1]) + mac[1:]},
        "short": {"Mac": mac[:-1]},
        "long": {"Mac": mac + b"\0"},
        "other message": {"Message": MESSAGE + b"\0"},
        "other key": {"KeyId": mac_key()},
    }
    error = refused("VerifyMac", **(named | {"Mac": mac} | changes[fault]))
    assert (error.code, error.message) == ("KMSInvalidMacException", "")


@pytest.mark.parametrize(
    ("spec", "usage"), [("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY")], ids=["AES", "RSA"]
)
def test_other_keys_make_no_codes(refused, new_key, spec, usage):
    arn = new_key(KeySpec=spec, KeyUsage=usage)["Arn"]
    for operation, more in (("GenerateMac", {}), ("VerifyMac", {"Mac": b"x"})):
        error = refused(operation, KeyId=arn, Message=b"x", MacAlgorithm="HMAC_SHA_256", **more)
        assert error.code == "InvalidKeyUsageException"
        assert error.message == f"{arn} key usage is {usage} which is not valid for {operation}."


def test_a_message_has_1_to_4096_bytes(kms, refused, mac_key):
    named = {"KeyId": mac_key(), "MacAlgorithm": "HMAC_SHA_256"}
    assert kms("GenerateMac", named | {"Message": b"x" * 4096})["Mac"]
    for length in (0, 4097):
        assert refused("GenerateMac", **named, Message=b"x" * length).code == "ValidationException"
