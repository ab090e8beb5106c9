"""Ciphertext blobs, sealing and tokens."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.crypto import ciphertext, material, specs
from reconciler.engine.crypto.keyring import GrantReference, Keyring, Secret
from reconciler.engine.crypto.seal import seal, unseal

KEYS = ciphertext.MessageKeys(b"s" * 32)
HEADER = ciphertext.header_of("111122223333", "key", "ab" * 32)
contexts = st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3)


@given(st.binary(min_size=1, max_size=64), contexts, contexts)
def test_a_blob_opens_with_its_own_context_only(plaintext, context, other):
    blob = ciphertext.parse(ciphertext.encrypt(KEYS, HEADER, plaintext, context))
    opened = ciphertext.decrypt(KEYS, blob, other)
    assert opened == (plaintext if context == other else None)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_looked_at(blob):
    parsed = ciphertext.parse(blob)
    assert parsed is None or ciphertext.decrypt(KEYS, parsed, {}) is None


def test_a_blob_names_its_key_and_material():
    blob = ciphertext.parse(ciphertext.encrypt(KEYS, HEADER, b"x", {}))
    assert (blob.account, blob.key_id, blob.material_id) == ("111122223333", "key", "ab" * 32)


def test_another_material_does_not_open_a_blob():
    blob = ciphertext.parse(ciphertext.encrypt(KEYS, HEADER, b"x", {}))
    assert ciphertext.decrypt(ciphertext.MessageKeys(b"t" * 32), blob, {}) is None


def test_what_is_sealed_opens_with_its_root_and_purpose_only():
    root = b"r" * 32
    sealed = seal(root, b"secret", b"purpose")
    assert unseal(root, sealed, b"purpose") == b"secret"
    assert b"secret" not in sealed
    for attempt in (
        (b"q" * 32, sealed, b"purpose"),
        (root, sealed, b"other"),
        (root, sealed[:-1], b"purpose"),
        (root, b"\x02" + sealed[1:], b"purpose"),
        (root, b"\x01", b"purpose"),
    ):
        with pytest.raises(InvalidTag):
            unseal(*attempt)


def test_a_grant_token_is_read_by_the_store_that_made_it_only():
    reference = GrantReference("arn:aws:kms:us-east-1:111122223333:key/k", "g" * 64)
    token = Keyring(b"r" * 32).grant_token(reference)
    assert Keyring(b"r" * 32).read_grant_token(token) == reference
    assert Keyring(b"q" * 32).read_grant_token(token) is None
    assert Keyring(b"r" * 32).read_grant_token(token[:-8] + "AAAAAAA=") is None


def test_nothing_that_holds_material_shows_it():
    made = material.generate(specs.SPECS["HMAC_256"])
    for shown in (repr(made), repr(Secret(made.secret)), str(Secret(made.secret)), repr(Keyring(made.secret))):
        assert repr(made.secret)[2:-1] not in shown
        assert made.secret.hex() not in shown


def test_no_material_is_made_for_a_spec_that_the_library_lacks():
    with pytest.raises(ValueError, match="SM2"):
        material.generate(specs.SPECS["SM2"])


def test_every_spec_of_the_api_is_known():
    from reconciler.engine.wire.model import operation_model

    shapes = operation_model("CreateKey").shapes
    assert set(specs.SPECS) == set(shapes["KeySpec"]["enum"])
    known = {name for spec in specs.SPECS.values() for names in spec.algorithms.values() for name in names}
    declared = {
        name
        for shape in (
            "EncryptionAlgorithmSpec",
            "SigningAlgorithmSpec",
            "MacAlgorithmSpec",
            "KeyAgreementAlgorithmSpec",
            "EncapsulationAlgorithmSpec",
        )
        for name in shapes[shape]["enum"]
    }
    assert known == declared
    assert {usage for spec in specs.SPECS.values() for usage in spec.algorithms} == set(shapes["KeyUsageType"]["enum"])


def test_the_keyring_holds_a_bounded_number_of_secrets(monkeypatch, kms, new_key, engine):
    from reconciler.engine.crypto import keyring

    monkeypatch.setattr(keyring, "CACHED_SECRETS", 2)
    keys = [new_key()["KeyId"] for _ in range(4)]
    blobs = [kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"] for key in keys]
    assert len(engine._keyring._cache) == 2
    for blob in blobs:
        assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
