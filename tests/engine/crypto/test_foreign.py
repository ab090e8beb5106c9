"""Material that somebody else made."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.crypto.foreign import read
from reconciler.engine.crypto.specs import SPECS
from tests.support.importing import pkcs8

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())


def test_a_private_key_reads_as_the_pair_that_it_is():
    secret, public = read(SPECS["ECC_NIST_P256"], pkcs8(EC))
    assert load_der_private_key(secret, None).private_numbers() == EC.private_numbers()
    assert public is not None


def test_the_same_key_reads_the_same_with_and_without_its_public_half_in_it():
    whole = pkcs8(EC)
    # PrivateKeyInfo of RFC 5208 around ECPrivateKey of RFC 5915, whose public key is optional
    secret = EC.private_numbers().private_value.to_bytes(32, "big")
    inner = b"\x30\x25\x02\x01\x01\x04\x20" + secret
    algorithm = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
    body = b"\x02\x01\x00" + algorithm + b"\x04" + bytes([len(inner)]) + inner
    bare = b"\x30" + bytes([len(body)]) + body
    assert bare != whole
    assert read(SPECS["ECC_NIST_P256"], bare) == read(SPECS["ECC_NIST_P256"], whole)


OTHER_FORMS = {
    "PKCS #1": ("RSA_2048", RSA.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())),
    "SEC 1": ("ECC_NIST_P256", EC.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())),
    "PEM": ("ECC_NIST_P256", EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
    "encrypted": (
        "ECC_NIST_P256",
        EC.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
    ),
    "cut": ("RSA_2048", pkcs8(RSA)[:-1]),
    "empty": ("RSA_2048", b""),
}


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_a_key_in_another_form_is_refused(form):
    spec, given = OTHER_FORMS[form]
    assert read(SPECS[spec], given) is None


def test_a_pair_whose_halves_do_not_belong_together_is_refused():
    mine, other = RSA.private_numbers(), rsa.generate_private_key(65537, 2048).private_numbers()
    der = pkcs8(RSA)
    part = mine.public_numbers.n.to_bytes(256, "big")
    assert read(SPECS["RSA_2048"], der.replace(part, other.public_numbers.n.to_bytes(256, "big"))) is None


@pytest.mark.parametrize(
    ("spec", "shortest", "longest"),
    [("HMAC_224", 28, 64), ("HMAC_256", 32, 64), ("HMAC_384", 48, 128), ("HMAC_512", 64, 128)],
)
def test_hmac_keys_have_a_shortest_and_a_longest_length(spec, shortest, longest):
    accepted = [size for size in range(160) if read(SPECS[spec], bytes(size)) is not None]
    assert accepted == [*range(shortest, longest + 1)]


@pytest.mark.parametrize("spec", ["ECC_NIST_EDWARDS25519", "RSA_2048", "ML_DSA_44", "SM2"])
@settings(deadline=None)
@given(content=st.binary(max_size=200))
def test_bytes_of_any_kind_are_no_pair_and_no_accident(spec, content):
    assert read(SPECS[spec], content) is None
    assert read(SPECS[spec], b"\x30\x81\xff\x02\x01\x00\x30" + content) is None


@settings(deadline=None)
@given(cut=st.integers(0, 47), flip=st.integers(0, 255))
def test_a_damaged_key_is_no_accident(cut, flip):
    damaged = bytearray(pkcs8(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))))
    damaged[cut] ^= flip
    read(SPECS["ECC_NIST_EDWARDS25519"], bytes(damaged))
