"""Key material: making it, its form at rest, and its use in memory.

Symmetric and HMAC material is raw bytes; key pairs are PKCS #8 DER, whose public part is also kept as
SubjectPublicKeyInfo DER. None of these types shows its content.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, assert_never

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from reconciler.engine.crypto.specs import Family, KeySpec

CURVES: Final[dict[str, ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
_ML_DSA: Final[dict[int, Callable[[], PrivateKeyTypes]]] = {
    44: mldsa.MLDSA44PrivateKey.generate,
    65: mldsa.MLDSA65PrivateKey.generate,
    87: mldsa.MLDSA87PrivateKey.generate,
}
_ML_KEM: Final[dict[int, Callable[[], PrivateKeyTypes]]] = {
    768: mlkem.MLKEM768PrivateKey.generate,
    1024: mlkem.MLKEM1024PrivateKey.generate,
}


@dataclass(frozen=True, slots=True)
class Material:
    """Fresh key material with the id that names it: 64 hexadecimal digits."""

    material_id: str
    secret: bytes = field(repr=False)
    public: bytes | None
    """SubjectPublicKeyInfo of a key pair, None for symmetric and HMAC material."""


def generate(spec: KeySpec) -> Material:
    """New material for `spec`, which must be available."""
    secret, public = generate_secret(spec)
    return Material(secrets.token_hex(32), secret, public)


def generate_secret(spec: KeySpec) -> tuple[bytes, bytes | None]:
    """A new secret for `spec`, which must be available, and the public part of a key pair."""
    match spec.family:
        case Family.SYMMETRIC | Family.HMAC:
            return secrets.token_bytes(spec.size // 8), None
        case Family.RSA:
            return serialised(rsa.generate_private_key(public_exponent=65537, key_size=spec.size))
        case Family.ECC:
            return serialised(ec.generate_private_key(CURVES[spec.name]))
        case Family.EDWARDS:
            return serialised(ed25519.Ed25519PrivateKey.generate())
        case Family.ML_DSA:
            return serialised(_ML_DSA[spec.size]())
        case Family.ML_KEM:
            return serialised(_ML_KEM[spec.size]())
        case Family.SM2:
            raise ValueError(f"no material can be made for {spec.name}")
        case unknown:
            assert_never(unknown)


def serialised(key: PrivateKeyTypes) -> tuple[bytes, bytes]:
    """The two forms of a key pair: PKCS #8 of the pair, SubjectPublicKeyInfo of its public half."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), public
