"""Elliptic curve Diffie-Hellman against NIST's vectors, and which peers are let in."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reconciler.engine.crypto.agreement import agree, peer_key

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


VALID = der(ec.generate_private_key(P256))
REFUSED = {
    "another curve": der(ec.generate_private_key(ec.SECP384R1())),
    "another curve of the same size": der(ec.generate_private_key(ec.SECP256K1())),
    "RSA": der(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "X25519": der(x25519.X25519PrivateKey.generate()),
    "no DER": b"public key",
    "encoded twice": base64.b64encode(VALID),
    "cut short": VALID[:-1],
    "off the curve": VALID[:-1] + bytes([VALID[-1] ^ 1]),
    "infinity": bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d03010703020000"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_anything_else_is_not(case):
    assert peer_key(REFUSED[case], P256) is None
