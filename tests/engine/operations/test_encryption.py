"""Encrypt, Decrypt, ReEncrypt, data keys and random bytes."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

OAEP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]


@pytest.fixture
def rsa(new_key):
    return new_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")


def test_a_symmetric_ciphertext_decrypts_without_naming_its_key(kms, new_key):
    key = new_key()
    answer = kms("Encrypt", {"KeyId": key["KeyId"], "Plaintext": b"hello", "EncryptionContext": {"a": "b"}})
    blob = answer.pop("CiphertextBlob")
    assert answer == {"KeyId": key["Arn"], "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert kms("Decrypt", {"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}}) == {
        "KeyId": key["Arn"],
        "Plaintext": b"hello",
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": key["CurrentKeyMaterialId"],
    }


def test_text_is_encrypted_as_utf_8(kms, new_key):
    blob = kms("Encrypt", {"KeyId": new_key()["KeyId"], "Plaintext": "grün"})["CiphertextBlob"]
    assert kms("Decrypt", {"CiphertextBlob": bytearray(blob)})["Plaintext"] == "grün".encode()


def test_two_encryptions_of_one_text_differ(kms, new_key):
    key = new_key()["KeyId"]
    assert len({kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"] for _ in range(20)}) == 20


@pytest.mark.parametrize("size", [0, 4097])
def test_a_plaintext_of_a_wrong_size_is_refused_without_showing_it(refused, new_key, size):
    error = refused("Encrypt", KeyId=new_key()["KeyId"], Plaintext=b"x" * size)
    assert error.code == "ValidationException"
    assert error.message.startswith("1 validation error detected: Value at 'plaintext' failed to satisfy constraint: ")
    assert "xx" not in error.message


def test_the_longest_plaintext_makes_a_ciphertext_that_decrypt_takes(kms, new_key):
    context = {"k" * 100: "v" * 4000}
    blob = kms("Encrypt", {"KeyId": new_key()["KeyId"], "Plaintext": b"x" * 4096, "EncryptionContext": context})
    answer = kms("Decrypt", {"CiphertextBlob": blob["CiphertextBlob"], "EncryptionContext": context})
    assert answer["Plaintext"] == b"x" * 4096


@pytest.mark.parametrize(
    "context",
    [{}, {"a": "B"}, {"A": "b"}, {"a": "b", "c": ""}, {"ab": ""}],
    ids=["none", "value", "key", "more", "cut"],
)
def test_another_context_does_not_decrypt(kms, refused, new_key, context):
    blob = kms("Encrypt", {"KeyId": new_key()["KeyId"], "Plaintext": b"x", "EncryptionContext": {"a": "b"}})[
        "CiphertextBlob"
    ]
    assert refused("Decrypt", CiphertextBlob=blob, EncryptionContext=context).code == "InvalidCiphertextException"


def test_no_altered_ciphertext_decrypts(kms, refused, new_key):
    key = new_key()["KeyId"]
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"hello"})["CiphertextBlob"]
    for place in range(len(blob)):
        altered = bytearray(blob)
        altered[place] ^= 1
        code = refused("Decrypt", CiphertextBlob=bytes(altered), KeyId=key).code
        assert code in {"InvalidCiphertextException", "IncorrectKeyException"}
    for length in (1, 2, 40, len(blob) - 1):
        assert refused("Decrypt", CiphertextBlob=blob[:length]).code == "InvalidCiphertextException"
        assert refused("Decrypt", CiphertextBlob=blob[:length], KeyId=key).code == "InvalidCiphertextException"


def test_another_key_does_not_decrypt(kms, refused, new_key):
    blob = kms("Encrypt", {"KeyId": new_key()["KeyId"], "Plaintext": b"x"})["CiphertextBlob"]
    error = refused("Decrypt", CiphertextBlob=blob, KeyId=new_key()["KeyId"])
    assert error.code == "IncorrectKeyException"


def test_a_ciphertext_of_another_region_names_no_key_here(engine, refused, kms, new_key):
    blob = kms("Encrypt", {"KeyId": new_key()["KeyId"], "Plaintext": b"x"})["CiphertextBlob"]
    error = refused("Decrypt", engine.client(region="eu-west-1"), CiphertextBlob=blob)
    assert error.code == "AccessDeniedException"
    assert error.message.startswith("The ciphertext refers to a customer master key that does not exist")


@pytest.mark.parametrize("algorithm", OAEP)
def test_rsa_encrypts_and_decrypts(kms, rsa, algorithm):
    named = {"KeyId": rsa["KeyId"], "EncryptionAlgorithm": algorithm}
    blob = kms("Encrypt", {**named, "Plaintext": b"hello"})["CiphertextBlob"]
    assert kms("Decrypt", {**named, "CiphertextBlob": blob}) == {
        "KeyId": rsa["Arn"],
        "Plaintext": b"hello",
        "EncryptionAlgorithm": algorithm,
    }


def test_what_anybody_encrypts_with_the_public_key_decrypts(kms, rsa):
    public = load_der_public_key(kms("GetPublicKey", {"KeyId": rsa["KeyId"]})["PublicKey"])
    sha256 = hashes.SHA256()
    blob = public.encrypt(b"hello", padding.OAEP(padding.MGF1(sha256), sha256, None))
    named = {"KeyId": rsa["KeyId"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert kms("Decrypt", {**named, "CiphertextBlob": blob})["Plaintext"] == b"hello"


@pytest.mark.parametrize(("algorithm", "most"), [("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)])
def test_rsa_takes_only_what_fits(kms, refused, rsa, algorithm, most):
    named = {"KeyId": rsa["KeyId"], "EncryptionAlgorithm": algorithm}
    kms("Encrypt", {**named, "Plaintext": b"x" * most})
    error = refused("Encrypt", **named, Plaintext=b"x" * (most + 1))
    assert error.message == f"Algorithm {algorithm} and key spec RSA_2048 cannot encrypt data larger than {most} bytes."


def test_rsa_refuses_what_it_did_not_encrypt(refused, rsa):
    named = {"KeyId": rsa["KeyId"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert refused("Decrypt", **named, CiphertextBlob=b"x" * 256).code == "InvalidCiphertextException"


USES = {
    "RSA without algorithm": ("RSA_2048", "ENCRYPT_DECRYPT", {}, "InvalidKeyUsageException", "incompatible"),
    "symmetric with RSA's algorithm": (
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
        "InvalidKeyUsageException",
        "Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT.",
    ),
    "a signing key": (
        "RSA_2048",
        "SIGN_VERIFY",
        {},
        "InvalidKeyUsageException",
        "key usage is SIGN_VERIFY which is not valid for Encrypt.",
    ),
    "RSA with a context": (
        "RSA_2048",
        "ENCRYPT_DECRYPT",
        {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1", "EncryptionContext": {"a": "b"}},
        "ValidationException",
        "EncryptionContext is not supported",
    ),
}


@pytest.mark.parametrize("case", USES)
def test_a_key_that_cannot_encrypt_so_is_refused(refused, new_key, case):
    spec, usage, extra, code, words = USES[case]
    key = new_key(KeySpec=spec, KeyUsage=usage)["KeyId"]
    error = refused("Encrypt", KeyId=key, Plaintext=b"x", **extra)
    assert error.code == code
    assert words in error.message


def test_re_encrypt_moves_a_plaintext_between_keys_and_contexts(kms, new_key, rsa):
    source, target = new_key(), new_key()
    blob = kms("Encrypt", {"KeyId": source["KeyId"], "Plaintext": b"hello", "EncryptionContext": {"a": "b"}})[
        "CiphertextBlob"
    ]
    answer = kms(
        "ReEncrypt",
        {
            "CiphertextBlob": blob,
            "SourceEncryptionContext": {"a": "b"},
            "DestinationKeyId": target["KeyId"],
            "DestinationEncryptionContext": {"c": "d"},
        },
    )
    moved = answer.pop("CiphertextBlob")
    assert answer == {
        "SourceKeyId": source["Arn"],
        "KeyId": target["Arn"],
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": source["CurrentKeyMaterialId"],
        "DestinationKeyMaterialId": target["CurrentKeyMaterialId"],
    }
    assert kms("Decrypt", {"CiphertextBlob": moved, "EncryptionContext": {"c": "d"}})["Plaintext"] == b"hello"


def test_re_encrypt_goes_to_rsa_and_back(kms, new_key, rsa):
    symmetric = new_key()
    blob = kms("Encrypt", {"KeyId": symmetric["KeyId"], "Plaintext": b"hello"})["CiphertextBlob"]
    there = kms(
        "ReEncrypt",
        {
            "CiphertextBlob": blob,
            "DestinationKeyId": rsa["KeyId"],
            "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_1",
        },
    )
    assert "DestinationKeyMaterialId" not in there
    back = kms(
        "ReEncrypt",
        {
            "CiphertextBlob": there["CiphertextBlob"],
            "SourceKeyId": rsa["KeyId"],
            "SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_1",
            "DestinationKeyId": symmetric["KeyId"],
        },
    )
    assert "SourceKeyMaterialId" not in back
    assert kms("Decrypt", {"CiphertextBlob": back["CiphertextBlob"]})["Plaintext"] == b"hello"


def test_re_encrypt_refuses_what_does_not_fit(kms, refused, new_key, rsa):
    blob = kms("Encrypt", {"KeyId": new_key()["KeyId"], "Plaintext": b"x" * 300})["CiphertextBlob"]
    error = refused(
        "ReEncrypt",
        CiphertextBlob=blob,
        DestinationKeyId=rsa["KeyId"],
        DestinationEncryptionAlgorithm="RSAES_OAEP_SHA_1",
    )
    assert "cannot encrypt data larger than 214 bytes" in error.message


@pytest.mark.parametrize(
    ("size", "length"),
    [({"KeySpec": "AES_128"}, 16), ({"KeySpec": "AES_256"}, 32), ({"NumberOfBytes": 1024}, 1024)],
    ids=["AES_128", "AES_256", "bytes"],
)
def test_a_data_key_comes_plain_and_encrypted(kms, new_key, size, length):
    key = new_key()
    answer = kms("GenerateDataKey", {"KeyId": key["KeyId"], "EncryptionContext": {"a": "b"}, **size})
    assert (answer["KeyId"], answer["KeyMaterialId"]) == (key["Arn"], key["CurrentKeyMaterialId"])
    assert len(answer["Plaintext"]) == length
    opened = kms("Decrypt", {"CiphertextBlob": answer["CiphertextBlob"], "EncryptionContext": {"a": "b"}})
    assert opened["Plaintext"] == answer["Plaintext"]
    hidden = kms("GenerateDataKeyWithoutPlaintext", {"KeyId": key["KeyId"], **size})
    assert set(hidden) == {"CiphertextBlob", "KeyId", "KeyMaterialId"}
    assert len(kms("Decrypt", {"CiphertextBlob": hidden["CiphertextBlob"]})["Plaintext"]) == length


@pytest.mark.parametrize("size", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}], ids=["neither", "both"])
def test_a_data_key_has_one_size(refused, new_key, size):
    error = refused("GenerateDataKey", KeyId=new_key()["KeyId"], **size)
    assert error.message == "Please specify either number of bytes or key spec."


def test_data_keys_need_a_symmetric_encryption_key(refused, rsa):
    assert refused("GenerateDataKey", KeyId=rsa["KeyId"], KeySpec="AES_256").code == "InvalidKeyUsageException"


def test_random_bytes_are_random(kms, refused):
    assert kms("GenerateRandom", {"NumberOfBytes": 32}) != kms("GenerateRandom", {"NumberOfBytes": 32})
    assert len(kms("GenerateRandom", {"NumberOfBytes": 1024})["Plaintext"]) == 1024
    assert refused("GenerateRandom").code == "ValidationException"
    assert refused("GenerateRandom", NumberOfBytes=1025).code == "ValidationException"
    error = refused("GenerateRandom", NumberOfBytes=1, CustomKeyStoreId="cks-1")
    assert error.code == "CustomKeyStoreNotFoundException"


def test_dry_runs_do_everything_but_the_thing(kms, refused, new_key):
    key = new_key()["KeyId"]
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    used = kms("GetKeyLastUsage", {"KeyId": key})
    ignoring = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    for operation, parameters in (
        ("Encrypt", {"KeyId": key, "Plaintext": b"x", "DryRun": True}),
        ("Decrypt", {"CiphertextBlob": blob, "DryRun": True}),
        ("Decrypt", {"KeyId": key, **ignoring}),
        ("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": key, "DryRun": True}),
        ("ReEncrypt", {"SourceKeyId": key, "DestinationKeyId": key, **ignoring}),
        ("GenerateDataKey", {"KeyId": key, "KeySpec": "AES_256", "DryRun": True}),
    ):
        error = refused(operation, **parameters)
        assert error.code == "DryRunOperationException"
        assert error.message == "The request would have succeeded, but the DryRun option is set."
    assert kms("GetKeyLastUsage", {"KeyId": key}) == used


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"DryRun": True},
        {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]},
        {"CiphertextBlob": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
    ],
    ids=["no ciphertext", "dry run", "nothing named", "RSA without key"],
)
def test_decrypt_needs_a_ciphertext_and_a_key(refused, parameters):
    assert refused("Decrypt", **parameters).code == "ValidationException"


@pytest.mark.parametrize("operation", ["Decrypt", "GenerateDataKey", "GenerateRandom"])
def test_there_are_no_enclaves(refused, new_key, operation):
    needs = {
        "Decrypt": {"CiphertextBlob": b"x"},
        "GenerateDataKey": {"KeyId": new_key()["KeyId"], "KeySpec": "AES_256"},
        "GenerateRandom": {"NumberOfBytes": 1},
    }[operation]
    recipient = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    assert refused(operation, **needs, Recipient=recipient).code == "UnsupportedOperationException"


def test_the_last_use_of_a_key_is_known(kms, new_key, clock, engine):
    key = new_key()
    unused = kms("GetKeyLastUsage", {"KeyId": key["KeyId"]})
    assert unused == {
        "KeyId": key["KeyId"],
        "KeyLastUsage": {},
        "TrackingStartDate": key["CreationDate"],
        "KeyCreationDate": key["CreationDate"],
    }
    blob = kms("Encrypt", {"KeyId": key["KeyId"], "Plaintext": b"x"})["CiphertextBlob"]
    assert kms("GetKeyLastUsage", {"KeyId": key["KeyId"]})["KeyLastUsage"]["Operation"] == "Encrypt"
    clock.sleep(60)
    kms("Decrypt", {"CiphertextBlob": blob})
    last = kms("GetKeyLastUsage", {"KeyId": key["KeyId"]})["KeyLastUsage"]
    assert (last["Operation"], last["Timestamp"]) == ("Decrypt", clock.now())
    (event,) = engine.events(name="Decrypt")
    assert (last["CloudTrailEventId"], last["KmsRequestId"]) == (event["eventID"], event["requestID"])
    assert kms("GetKeyLastUsage", {"KeyId": key["KeyId"]})["KeyLastUsage"] == last
