"""The arithmetic of edwards25519, held against OpenSSL's Ed25519."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.crypto.edwards import (
    BASE,
    ORDER,
    P,
    base_multiple,
    decode,
    encode,
    negative,
    sum_of_multiples,
)

SEEDS = st.binary(min_size=32, max_size=32)
SCALARS = st.integers(min_value=2**128, max_value=ORDER - 2**128)
NEUTRAL = (0, 1, 1, 0)


def pure_scalar(seed):
    """The secret scalar of an Ed25519 key, RFC 8032 §5.1.5."""
    return (int.from_bytes(hashlib.sha512(seed).digest()[:32], "little") & (2**254 - 8)) | 2**254


@given(SEEDS)
def test_a_multiple_of_the_base_point_is_the_public_key_that_openssl_computes(seed):
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert base_multiple(pure_scalar(seed) % ORDER) == public


@given(SCALARS)
def test_the_two_ways_to_multiply_the_base_point_agree(scalar):
    assert base_multiple(scalar) == encode(sum_of_multiples((scalar, BASE), (0, BASE)))


@pytest.mark.parametrize("scalar", range(2**200, 2**200 + 8))
def test_every_residue_of_a_scalar_has_a_clamped_one(scalar):
    assert base_multiple(scalar) == encode(sum_of_multiples((scalar, BASE), (0, BASE)))


def test_a_scalar_at_the_end_of_the_range_has_no_clamped_one_and_is_refused():
    with pytest.raises(ValueError, match="too near an end"):
        base_multiple(8)


@given(SCALARS, SCALARS)
def test_multiples_add_up(first, second):
    assert encode(sum_of_multiples((first, BASE), (second, BASE))) == encode(
        sum_of_multiples(((first + second) % ORDER, BASE), (0, BASE))
    )


@given(SEEDS, st.binary(max_size=64))
def test_the_equation_of_a_signature_by_openssl_holds(seed, message):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature, public = key.sign(message), key.public_key().public_bytes_raw()
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    response = int.from_bytes(signature[32:], "little")
    assert encode(sum_of_multiples((response, BASE), (challenge, negative(decode(public))))) == signature[:32]


@given(SCALARS)
def test_a_point_survives_its_encoding(scalar):
    encoded = base_multiple(scalar)
    assert encode(decode(encoded)) == encoded


def test_a_point_and_its_negative_are_neutral():
    assert encode(sum_of_multiples((1, BASE), (1, negative(BASE)))) == encode(NEUTRAL)


@pytest.mark.parametrize(
    "encoded",
    [P.to_bytes(32, "little"), (2).to_bytes(32, "little"), (1 | 1 << 255).to_bytes(32, "little")],
    ids=["y out of the field", "no point has this y", "zero with a sign"],
)
def test_what_encodes_no_point_is_none(encoded):
    assert decode(encoded) is None
