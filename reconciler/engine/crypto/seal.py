"""Secrets at rest: AES-256-GCM with a random nonce, bound to what they are by authenticated data.

Sealed form: one version byte, 12 bytes of nonce, ciphertext, 16 bytes of tag.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12


def seal(root: bytes, secret: bytes, associated: bytes) -> bytes:
    """`secret` under the 32-byte `root`; `associated` must be given again to open it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(root).encrypt(nonce, secret, _VERSION + associated)


def unseal(root: bytes, sealed: bytes, associated: bytes) -> bytes:
    """What was sealed.

    Raises:
        InvalidTag: another root key, another purpose, or damage.
    """
    if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE_BYTES:
        raise InvalidTag
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    return AESGCM(root).decrypt(nonce, body, _VERSION + associated)
