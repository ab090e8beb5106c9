"""Nothing secret in anything that is written."""

from __future__ import annotations

import base64
import json

import pytest

from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsError

PLAINTEXT = b"a plaintext that nobody must ever read"


def forms(secret: bytes) -> list[bytes]:
    return [secret, secret.hex().encode(), base64.b64encode(secret), repr(secret)[2:-1].encode()]


@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "RSA_2048"])
def test_neither_material_nor_plaintext_nor_the_root_key_is_in_any_file_or_record(data, clock, spec):
    secrets = [PLAINTEXT]
    algorithm = "SYMMETRIC_DEFAULT" if spec == "SYMMETRIC_DEFAULT" else "RSAES_OAEP_SHA_256"
    with Engine.open(data, clock=clock) as engine:
        client = engine.client()
        key = client("CreateKey", {"KeySpec": spec, "KeyUsage": "ENCRYPT_DECRYPT"})["KeyMetadata"]["KeyId"]
        named = {"KeyId": key, "EncryptionAlgorithm": algorithm}
        blob = client("Encrypt", {**named, "Plaintext": PLAINTEXT})["CiphertextBlob"]
        client("Decrypt", {**named, "CiphertextBlob": blob})
        if spec == "SYMMETRIC_DEFAULT":
            secrets.append(client("GenerateDataKey", {"KeyId": key, "KeySpec": "AES_256"})["Plaintext"])
        secrets.append(client("GenerateRandom", {"NumberOfBytes": 32})["Plaintext"])
        for wrong in ({**named, "Plaintext": PLAINTEXT, "Nope": 1}, {**named, "Plaintext": PLAINTEXT * 200}):
            with pytest.raises(KmsError) as caught:
                client("Encrypt", wrong)
            assert PLAINTEXT.decode() not in str(caught.value)
        secrets += [secret.value for secret in engine._keyring._cache.values()]
        secrets.append((data / "root.key").read_bytes())
        record = "\n".join(json.dumps(event) for event in engine.events()).encode()
        everything = record + b"".join(
            path.read_bytes() for path in data.iterdir() if path.name != "root.key" and path.is_file()
        )
    everything += (data / "kms.sqlite3").read_bytes()
    assert len(secrets) >= 4
    for secret in secrets:
        assert not [form for form in forms(secret) if form in everything]
    assert base64.b64encode(blob) not in record


def test_neither_messages_nor_shared_secrets_nor_private_keys_are_in_any_file_or_record(data, clock):
    secrets = [PLAINTEXT]
    with Engine.open(data, clock=clock) as engine:
        client = engine.client()

        def new(spec, usage):
            return {"KeyId": client("CreateKey", {"KeySpec": spec, "KeyUsage": usage})["KeyMetadata"]["KeyId"]}

        signed = {**new("ECC_NIST_P256", "SIGN_VERIFY"), "Message": PLAINTEXT, "SigningAlgorithm": "ECDSA_SHA_256"}
        client("Verify", {**signed, "Signature": client("Sign", signed)["Signature"]})
        coded = {**new("HMAC_256", "GENERATE_VERIFY_MAC"), "Message": PLAINTEXT, "MacAlgorithm": "HMAC_SHA_256"}
        client("VerifyMac", {**coded, "Mac": client("GenerateMac", coded)["Mac"]})
        agreeing = new("ECC_NIST_P256", "KEY_AGREEMENT")
        peer = client("GetPublicKey", agreeing)["PublicKey"]
        agreed = client("DeriveSharedSecret", {**agreeing, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer})
        encapsulated = client(
            "Encapsulate", {**new("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), "EncapsulationAlgorithm": "ML_KEM"}
        )
        pair = client(
            "GenerateDataKeyPair", {**new("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), "KeyPairSpec": "ECC_NIST_P256"}
        )
        secrets += [agreed["SharedSecret"], encapsulated["SharedSecret"], pair["PrivateKeyPlaintext"]]
        for operation, parameters in (
            ("Verify", {**signed, "Signature": b"x"}),
            ("VerifyMac", {**coded, "Mac": b"x"}),
            ("Sign", {**signed, "MessageType": "DIGEST"}),
        ):
            with pytest.raises(KmsError) as caught:
                client(operation, parameters)
            assert PLAINTEXT.decode() not in str(caught.value)
        secrets += [secret.value for secret in engine._keyring._cache.values()]
        record = "\n".join(json.dumps(event) for event in engine.events()).encode()
        everything = record + b"".join(path.read_bytes() for path in data.iterdir() if path.name != "root.key")
    everything += (data / "kms.sqlite3").read_bytes()
    assert len(secrets) >= 8
    for secret in secrets:
        assert not [form for form in forms(secret) if form in everything]
