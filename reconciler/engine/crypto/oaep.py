"""RSAES-OAEP (RFC 8017 §7.1), hash and mask generation function alike, no label."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "RSAES_OAEP_SHA_1": hashes.SHA1(),  # noqa: S303  as the API offers it; OAEP does not rest on collisions
    "RSAES_OAEP_SHA_256": hashes.SHA256(),
}


def capacity(bits: int, algorithm: str) -> int:
    """The longest plaintext in bytes for a modulus of `bits`."""
    return bits // 8 - 2 * _HASHES[algorithm].digest_size - 2


def encrypt(key: rsa.RSAPrivateKey, plaintext: bytes, algorithm: str) -> bytes:
    """The ciphertext of `plaintext`, which is at most `capacity` long, as long as the modulus."""
    return key.public_key().encrypt(plaintext, _padding(algorithm))


def decrypt(key: rsa.RSAPrivateKey, ciphertext: bytes, algorithm: str) -> bytes | None:
    """The plaintext, or None when the ciphertext is not one of this key and algorithm."""
    try:
        return key.decrypt(ciphertext, _padding(algorithm))
    except ValueError:
        return None


def _padding(algorithm: str) -> padding.OAEP:
    digest = _HASHES[algorithm]
    return padding.OAEP(padding.MGF1(digest), digest, label=None)
