"""Ed25519ph against RFC 8032."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.crypto.ed25519ph import sign, verify
from reconciler.engine.crypto.edwards import ORDER

SEEDS = st.binary(min_size=32, max_size=32)
# RFC 8032 §7.3, TEST abc
KEY = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
)
SIGNATURE = bytes.fromhex(
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
    "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
)


def test_the_signature_is_that_of_the_rfc():
    assert sign(KEY, b"abc") == SIGNATURE
    assert verify(KEY.public_key(), SIGNATURE, b"abc")


@given(SEEDS, st.binary(max_size=100))
def test_what_was_signed_verifies(seed, message):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert verify(key.public_key(), sign(key, message), message)


@given(st.integers(min_value=0, max_value=511))
def test_one_flipped_bit_is_enough_to_refuse(bit):
    altered = bytearray(SIGNATURE)
    altered[bit // 8] ^= 1 << bit % 8
    assert not verify(KEY.public_key(), bytes(altered), b"abc")


def test_another_message_or_key_is_refused():
    assert not verify(KEY.public_key(), SIGNATURE, b"abd")
    assert not verify(Ed25519PrivateKey.generate().public_key(), SIGNATURE, b"abc")


def test_a_signature_by_plain_ed25519_is_refused():
    assert not verify(KEY.public_key(), KEY.sign(b"abc"), b"abc")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:-1],
        SIGNATURE + b"\0",
        SIGNATURE[:32] + (int.from_bytes(SIGNATURE[32:], "little") + ORDER).to_bytes(32, "little"),
    ],
    ids=["empty", "short", "long", "response beyond the order"],
)
def test_a_signature_has_one_form(signature):
    assert not verify(KEY.public_key(), signature, b"abc")


def test_a_public_key_that_is_no_point_verifies_nothing():
    off_curve = Ed25519PublicKey.from_public_bytes((2).to_bytes(32, "little"))
    assert not verify(off_curve, SIGNATURE, b"abc")
