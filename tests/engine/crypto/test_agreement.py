"""Elliptic curve Diffie-Hellman against NIST's vectors, and which peers are let in."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.crypto.agreement import _ALGORITHMS, agree, peer_key

P256 = ec.SECP256R1()


def der(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_the_secret_is_that_of_nist():
    # NIST CAVP, ECC CDH primitive, P-256, COUNT = 0
    own = ec.derive_private_key(0x7D7DC5F71EB29DDAF80D6214632EEAE03D9058AF1FB6D22ED80BADB62BC1A534, P256)
    x = 0x700C48F77F56584C5CC632CA65640DB91B6BACCE3A4DF6B42CE7CC838833D287
    y = 0xDB71E509E3FD9B060DDB20BA5C51DCC5948D46FBF640DFE0441782CAB85FA4AC
    peer = ec.EllipticCurvePublicNumbers(x, y, P256).public_key()
    assert agree(own, peer).hex() == "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"


def test_a_key_on_the_curve_is_let_in():
    peer = ec.generate_private_key(P256)
    assert peer_key(der(peer), P256).public_numbers() == peer.public_key().public_numbers()


@pytest.mark.parametrize("curve", [P256, ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
@pytest.mark.parametrize("form", [PublicFormat.UncompressedPoint, PublicFormat.CompressedPoint])
def test_a_point_may_be_compressed(curve, form):
    peer = ec.generate_private_key(curve)
    point = peer.public_key().public_bytes(Encoding.X962, form)
    algorithm = _ALGORITHMS[curve.name]
    bits = b"\x03" + length(len(point) + 1) + b"\0" + point
    encoded = b"\x30" + length(len(algorithm + bits)) + algorithm + bits
    assert peer_key(encoded, curve).public_numbers() == peer.public_key().public_numbers()


def length(size):
    """The length of a DER value of less than 256 bytes."""
    return bytes([size]) if size < 128 else bytes([0x81, size])


VALID = der(ec.generate_private_key(P256))
# openssl ecparam -name prime256v1 -param_enc explicit
EXPLICIT = bytes.fromhex(
    "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff000000010000000000"
    "00000000000000ffffffffffffffffffffffff305b0420ffffffff00000001000000000000000000000000ffffffffffffff"
    "fffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b031500c49d360886e70493"
    "6a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342"
    "e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5022100ffffffff00000000ffffffffffffffffbce6"
    "faada7179e84f3b9cac2fc632551020101034200046868d21183eb1052d78510c37920fba9b3162f2162ca3273a5be3509f9"
    "33174993b3e9430738d4ab8bf67527988982c1896f22a4590fdf13f73f1d284cbff9cd"
)
DIFFIE_HELLMAN = bytes.fromhex("301e301306092a864886f70d0103013006020117020105030700020400000008")
REFUSED = {
    "another curve": der(ec.generate_private_key(ec.SECP384R1())),
    "another curve of the same size": der(ec.generate_private_key(ec.SECP256K1())),
    "RSA": der(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "X25519": der(x25519.X25519PrivateKey.generate()),
    "no DER": b"public key",
    "encoded twice": base64.b64encode(VALID),
    "cut short": VALID[:-1],
    "off the curve": VALID[:-1] + bytes([VALID[-1] ^ 1]),
    "the curve by its parameters": EXPLICIT,
    "Diffie-Hellman over a finite field": DIFFIE_HELLMAN,
    "infinity": bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d03010703020000"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_anything_else_is_not(case):
    assert peer_key(REFUSED[case], P256) is None


@given(st.integers(min_value=0, max_value=len(VALID) - 1), st.integers(min_value=0, max_value=255))
def test_a_byte_changed_anywhere_gives_another_key_or_none(place, value):
    altered = VALID[:place] + bytes([value]) + VALID[place + 1 :]
    found = peer_key(altered, P256)
    assert found is None or altered == VALID or found.public_numbers() != numbers(VALID)


def numbers(encoded):
    return load_der_public_key(encoded).public_numbers()
