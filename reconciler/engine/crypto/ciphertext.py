"""Ciphertext blobs of SYMMETRIC_DEFAULT.

    version (1) | key name (length in 2, then UTF-8 `account/key id`) | material id (32) | salt (32) | sealed

Each blob has its own AES-256-GCM key and nonce, derived from the material and the random salt by HMAC-SHA-512, so a
key may encrypt without a bound on the number of messages (NIST SP 800-38D §8.3 bounds random nonces to 2^32). The
authenticated data is everything before `sealed`, and the encryption context in an injective encoding. The Region is
not named: a multi-Region key decrypts in any of its Regions.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.hmac import HMAC

from reconciler.engine.chance import Drawn
from reconciler.engine.crypto.encoding import encode_context

_VERSION: Final = 1
_SALT_BYTES: Final = 32
_MATERIAL_BYTES: Final = 32
_TAG_BYTES: Final = 16
_HEADERS: Final = 4_096
"""Headers that are remembered; there is nothing secret in them."""


class CiphertextBlob(NamedTuple):
    """A blob taken apart; nothing in it is trusted before it opens."""

    account: str
    key_id: str
    material_id: str
    header: bytes
    sealed: bytes


class MessageKeys:
    """What one material derives for its messages. It may be used by several threads at once."""

    __slots__ = ("_keyed",)

    def __init__(self, secret: bytes) -> None:
        self._keyed = HMAC(secret, SHA512())  # keyed once: a copy of it costs a third of keying it again

    def cipher(self, salt: bytes) -> tuple[AESGCM, bytes]:
        """The cipher and the nonce of the one message with this salt."""
        mac = self._keyed.copy()
        mac.update(salt)
        derived = mac.finalize()
        return AESGCM(derived[:32]), derived[32:44]


_salts: Final = Drawn(_SALT_BYTES)


@lru_cache(_HEADERS)
def header_of(account: str, key_id: str, material_id: str) -> bytes:
    """What every blob of this material begins with, up to the salt."""
    name = f"{account}/{key_id}".encode()
    return bytes([_VERSION]) + len(name).to_bytes(2, "big") + name + bytes.fromhex(material_id)


def encrypt(keys: MessageKeys, header: bytes, plaintext: bytes, context: Mapping[str, str]) -> bytes:
    """A blob that holds `plaintext`; `header` is `header_of` the material that `keys` are of."""
    salt = _salts()
    head = header + salt
    cipher, nonce = keys.cipher(salt)
    return head + cipher.encrypt(nonce, plaintext, head + encode_context(context))


def parse(blob: bytes) -> CiphertextBlob | None:
    """The blob's parts, or None when it is none of ours."""
    if len(blob) < 3 or blob[0] != _VERSION:
        return None
    name_end = 3 + int.from_bytes(blob[1:3], "big")
    header_end = name_end + _MATERIAL_BYTES + _SALT_BYTES
    if len(blob) < header_end + _TAG_BYTES:
        return None
    account, key_id, material_id = _names(blob[3:name_end], blob[name_end : name_end + _MATERIAL_BYTES])
    return CiphertextBlob(account, key_id, material_id, blob[:header_end], blob[header_end:])


@lru_cache(_HEADERS)
def _names(name: bytes, material: bytes) -> tuple[str, str, str]:
    account, _, key_id = name.decode("utf-8", "replace").partition("/")
    return account, key_id, material.hex()


def decrypt(keys: MessageKeys, blob: CiphertextBlob, context: Mapping[str, str]) -> bytes | None:
    """The plaintext, or None when the blob, its context or the material is not the one it was made with."""
    cipher, nonce = keys.cipher(blob.header[-_SALT_BYTES:])
    try:
        return cipher.decrypt(nonce, blob.sealed, blob.header + encode_context(context))
    except InvalidTag:
        return None
