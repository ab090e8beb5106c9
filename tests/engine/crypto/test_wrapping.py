"""Wrapping keys and import tokens against bytes of any kind."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.crypto import wrapping
from reconciler.engine.crypto.keyring import ImportParameters, Keyring
from reconciler.engine.crypto.specs import SPECS
from tests.support.importing import HYBRID, OAEP, wrap

PRIVATE, PUBLIC = wrapping.generate("RSA_2048")
KEYRING = Keyring(bytes(32))
PARAMETERS = ImportParameters("arn:aws:kms:us-east-1:111122223333:key/a", "HMAC_256", OAEP, 7, PRIVATE)
TOKEN = KEYRING.import_token(PARAMETERS)
algorithms = st.sampled_from(["RSAES_OAEP_SHA_1", OAEP, "RSA_AES_KEY_WRAP_SHA_1", HYBRID])


@settings(deadline=None)
@given(algorithm=algorithms, material=st.binary(min_size=1, max_size=190))
def test_what_a_client_wraps_is_unwrapped(algorithm, material):
    assert wrapping.unwrap(PRIVATE, algorithm, wrap(PUBLIC, algorithm, material)) == material


@settings(deadline=None)
@given(algorithm=algorithms, wrapped=st.binary(max_size=600))
def test_bytes_of_any_kind_are_not_unwrapped_and_no_accident(algorithm, wrapped):
    assert wrapping.unwrap(PRIVATE, algorithm, wrapped) is None


@settings(deadline=None)
@given(size=st.integers(0, 40))
def test_a_hybrid_wrapping_that_is_cut_is_noticed(size):
    wrapped = wrap(PUBLIC, HYBRID, bytes(32))
    assert wrapping.unwrap(PRIVATE, HYBRID, wrapped[: len(wrapped) - 1 - size]) is None


def test_the_two_halves_of_a_wrapping_key_belong_together():
    pair = load_der_private_key(PRIVATE, None)
    assert pair.key_size == 2048
    assert wrapping.unwrap(wrapping.generate("RSA_2048")[0], OAEP, wrap(PUBLIC, OAEP, b"x")) is None


def test_a_token_gives_back_what_it_was_made_of_and_shows_nothing():
    assert KEYRING.read_import_token(TOKEN) == PARAMETERS
    assert b"us-east-1" not in TOKEN
    assert PRIVATE.hex() not in repr(PARAMETERS)
    assert KEYRING.import_token(PARAMETERS) != TOKEN


def test_a_token_fits_the_limit_of_the_service_model_for_every_size_of_wrapping_key():
    private, _ = wrapping.generate("RSA_4096")
    arn = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-" + "0" * 32
    long = ImportParameters(arn, "ECC_NIST_EDWARDS25519", "RSA_AES_KEY_WRAP_SHA_256", 2**62, private)
    assert len(KEYRING.import_token(long)) <= 6144


@settings(deadline=None)
@given(token=st.binary(max_size=300))
def test_bytes_of_any_kind_are_no_token_and_no_accident(token):
    assert KEYRING.read_import_token(token) is None


@settings(deadline=None)
@given(place=st.integers(0, len(TOKEN) - 1), flip=st.integers(1, 255))
def test_a_flipped_bit_of_a_token_is_noticed(place, flip):
    damaged = bytearray(TOKEN)
    damaged[place] ^= flip
    assert KEYRING.read_import_token(bytes(damaged)) is None


def test_another_stores_token_is_none():
    assert Keyring(bytes(31) + b"\1").read_import_token(TOKEN) is None


@pytest.mark.parametrize("spec", ["RSA_2048", "HMAC_256", "SYMMETRIC_DEFAULT"])
def test_a_wrapping_key_spec_that_is_not_offered_fits_nothing(spec):
    assert not wrapping.fits(SPECS[spec], OAEP, "SM2")
