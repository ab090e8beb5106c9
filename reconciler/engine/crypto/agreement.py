"""Shared secrets: elliptic curve Diffie-Hellman and ML-KEM.

Source: NIST SP 800-56A Rev. 3 §5.7.1.2 (the cofactor of the NIST curves is 1), FIPS 203, RFC 5280 for the peer's key.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, mlkem
from cryptography.hazmat.primitives.serialization import load_der_public_key

MlKem = mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey

CAPSULE_BYTES: Final = {512: 768, 768: 1_088, 1024: 1_568}
"""Length of an encapsulated secret by parameter set (FIPS 203 §8)."""


def peer_key(encoded: bytes, curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey | None:
    """The public key in a DER SubjectPublicKeyInfo, None unless it is a point of `curve` other than infinity."""
    try:
        key = load_der_public_key(encoded)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == curve.name else None


def agree(own: ec.EllipticCurvePrivateKey, peer: ec.EllipticCurvePublicKey) -> bytes:
    """The x coordinate of the shared point, as long as the field's elements."""
    return own.exchange(ec.ECDH(), peer)
