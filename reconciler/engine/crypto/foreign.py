"""Material that somebody else made: whether it is what a key spec asks for, and in the form that ours has.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html (requirements for imported
key material): symmetric and HMAC keys are bytes, private keys are PKCS #8 in DER, not encrypted.
"""

from __future__ import annotations

from typing import Final, assert_never

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key

from reconciler.engine.crypto.material import CURVES, serialised
from reconciler.engine.crypto.specs import Family, KeySpec

_HMAC_BYTES: Final = {224: (28, 64), 256: (32, 64), 384: (48, 128), 512: (64, 128)}
"""Shortest and longest key by HMAC spec."""
_ML_DSA: Final = {44: mldsa.MLDSA44PrivateKey, 65: mldsa.MLDSA65PrivateKey, 87: mldsa.MLDSA87PrivateKey}
_ML_KEM: Final = {768: mlkem.MLKEM768PrivateKey, 1024: mlkem.MLKEM1024PrivateKey}
_SEQUENCE: Final = 0x30
_VERSION_ELEMENT: Final = (b"\x02\x01\x00", b"\x02\x01\x01")


def read(spec: KeySpec, given: bytes) -> tuple[bytes, bytes | None] | None:
    """The secret and, of a key pair, its public half, as `material.Material` has them; None when it is not for `spec`.

    The same key gives the same bytes, however it was written.
    """
    match spec.family:
        case Family.SYMMETRIC:
            return (given, None) if len(given) == spec.size // 8 else None
        case Family.HMAC:
            shortest, longest = _HMAC_BYTES[spec.size]
            return (given, None) if shortest <= len(given) <= longest else None
        case _:
            pair = _pair(given)
            return serialised(pair) if pair is not None and _suits(spec, pair) else None


def _pair(given: bytes) -> PrivateKeyTypes | None:
    if not _is_pkcs8(given):
        return None
    try:
        return load_der_private_key(given, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _suits(spec: KeySpec, pair: PrivateKeyTypes) -> bool:
    match spec.family:
        case Family.RSA:
            return isinstance(pair, rsa.RSAPrivateKey) and pair.key_size == spec.size
        case Family.ECC:
            return isinstance(pair, ec.EllipticCurvePrivateKey) and pair.curve.name == CURVES[spec.name].name
        case Family.EDWARDS:
            return isinstance(pair, ed25519.Ed25519PrivateKey)
        case Family.ML_DSA:
            return isinstance(pair, _ML_DSA[spec.size])
        case Family.ML_KEM:
            return isinstance(pair, _ML_KEM[spec.size])
        case Family.SM2 | Family.SYMMETRIC | Family.HMAC:
            return False
        case unknown:
            assert_never(unknown)


def _is_pkcs8(given: bytes) -> bool:
    """Whether it begins as PrivateKeyInfo does (RFC 5208 §5): a sequence of a version and an algorithm's sequence.

    The older forms of RSA and elliptic-curve keys, which libraries read as well, go on with something else.
    """
    if len(given) < 2 or given[0] != _SEQUENCE:
        return False
    body = 2 + (given[1] & 0x7F if given[1] & 0x80 else 0)
    return given[body : body + 3] in _VERSION_ELEMENT and given[body + 3 : body + 4] == bytes([_SEQUENCE])
