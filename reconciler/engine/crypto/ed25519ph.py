"""Ed25519ph (RFC 8032 §5.1, FIPS 186-5 §7.8) with an empty context: pyca/cryptography has Ed25519 alone.

The secret multiple of the base point comes from OpenSSL in constant time. The response, one product of 256-bit numbers
modulo the group's order, is Python's arithmetic, which makes no such promise: a timing channel for somebody on the same
machine, as little as it is. The engine is a KMS to develop and to rehearse with; see SECURITY.md.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reconciler.engine.crypto.edwards import BASE, ORDER, base_multiple, decode, encode, negative, sum_of_multiples

_DOMAIN: Final = b"SigEd25519 no Ed25519 collisions\x01\x00"
"""dom2(1, ""): prehashed, no context."""


def sign(key: Ed25519PrivateKey, message: bytes) -> bytes:
    """The signature of `message`, 64 bytes."""
    prehash = hashlib.sha512(message).digest()
    expanded = hashlib.sha512(key.private_bytes_raw()).digest()
    secret = (int.from_bytes(expanded[:32], "little") & (2**254 - 8)) | 2**254
    nonce = _number(expanded[32:], prehash)
    commitment = base_multiple(nonce)
    challenge = _number(commitment, key.public_key().public_bytes_raw(), prehash)
    return commitment + ((nonce + challenge * secret) % ORDER).to_bytes(32, "little")


def verify(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is one of `message`, by the equation without the cofactor, as OpenSSL's Ed25519 does it."""
    public = key.public_bytes_raw()
    point, response = decode(public), int.from_bytes(signature[32:], "little")
    if point is None or len(signature) != 64 or response >= ORDER:
        return False
    challenge = _number(signature[:32], public, hashlib.sha512(message).digest())
    expected = sum_of_multiples((response, BASE), (challenge, negative(point)))
    return hmac.compare_digest(encode(expected), signature[:32])


def _number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join([_DOMAIN, *parts])).digest(), "little") % ORDER
