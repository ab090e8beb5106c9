"""Shared secrets: elliptic curve Diffie-Hellman and ML-KEM.

Source: NIST SP 800-56A Rev. 3 §5.7.1.2 (the cofactor of the NIST curves is 1), FIPS 203, RFC 5280 for the peer's key.
"""

from __future__ import annotations

from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric import ec, mlkem
from cryptography.hazmat.primitives.serialization import load_der_public_key

MlKem = mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey

CAPSULE_BYTES: Final = {512: 768, 768: 1_088, 1024: 1_568}
"""Length of an encapsulated secret by parameter set (FIPS 203 §8)."""


_ALGORITHMS: Final = {
    "secp256r1": bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107"),
    "secp384r1": bytes.fromhex("301006072a8648ce3d020106052b81040022"),
    "secp521r1": bytes.fromhex("301006072a8648ce3d020106052b81040023"),
}
"""Curve → the AlgorithmIdentifier of its keys in DER: id-ecPublicKey and the curve's name (RFC 5480 §2.1.1)."""
_LONGEST_LENGTH: Final = 3
"""Bytes of tag and length before it."""


def peer_key(encoded: bytes, curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey | None:
    """The public key in a DER SubjectPublicKeyInfo, None unless it is a point of `curve` other than infinity.

    The curve must be named; RFC 5480 allows no curve by its parameters.
    """
    algorithm = _ALGORITHMS[curve.name]
    if algorithm not in encoded[: _LONGEST_LENGTH + len(algorithm)]:
        return None
    try:
        return cast(ec.EllipticCurvePublicKey, load_der_public_key(encoded))
    except ValueError:
        return None


def agree(own: ec.EllipticCurvePrivateKey, peer: ec.EllipticCurvePublicKey) -> bytes:
    """The x coordinate of the shared point, as long as the field's elements."""
    return own.exchange(ec.ECDH(), peer)
