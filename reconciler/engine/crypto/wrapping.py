"""Wrapping keys, under which key material travels to an import.

RSAES_OAEP_* encrypts the material itself (RFC 8017 §7.1). RSA_AES_KEY_WRAP_* encrypts a 256-bit AES key so, followed by
the material wrapped under that key (AES key wrap with padding, RFC 5649; PKCS #11 calls it CKM_RSA_AES_KEY_WRAP).
Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html
"""

from __future__ import annotations

from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from reconciler.engine.crypto import oaep
from reconciler.engine.crypto.specs import Family, KeySpec

WRAPPING_BITS: Final = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
"""Wrapping key specs, but for SM2, which is offered in China only."""
_HYBRID: Final = "RSA_AES_KEY_WRAP_"
_DIRECT: Final = "RSAES_OAEP_"
_AES_BYTES: Final = 32


def fits(spec: KeySpec, algorithm: str, wrapping_spec: str) -> bool:
    """Whether material of `spec` may be wrapped so: each family has its algorithms, and P-521 keys are long."""
    if wrapping_spec not in WRAPPING_BITS:
        return False
    if algorithm.startswith(_HYBRID):
        return spec.family not in {Family.SYMMETRIC, Family.HMAC}
    too_long = spec.name == "ECC_NIST_P521" and wrapping_spec == "RSA_2048"
    return algorithm.startswith(_DIRECT) and spec.family is not Family.RSA and not too_long


def generate(wrapping_spec: str) -> tuple[bytes, bytes]:
    """A new wrapping key: PKCS #8 of the pair, and SubjectPublicKeyInfo of its public half. Takes up to seconds."""
    pair = rsa.generate_private_key(public_exponent=65537, key_size=WRAPPING_BITS[wrapping_spec])
    public = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), public


def unwrap(private: bytes, algorithm: str, wrapped: bytes) -> bytes | None:
    """The material in `wrapped`, or None when it was not wrapped so for the pair `private`, which `generate` made."""
    loaded = load_der_private_key(private, password=None, unsafe_skip_rsa_key_validation=True)
    pair = cast(rsa.RSAPrivateKey, loaded)
    if algorithm.startswith(_DIRECT):
        return oaep.decrypt(pair, wrapped, algorithm)
    length = pair.key_size // 8
    transport = oaep.decrypt(pair, wrapped[:length], _DIRECT + algorithm.removeprefix(_HYBRID))
    if transport is None or len(transport) != _AES_BYTES:
        return None
    try:
        return aes_key_unwrap_with_padding(transport, wrapped[length:])
    except (InvalidUnwrap, ValueError):
        return None
