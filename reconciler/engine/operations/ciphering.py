"""Encrypting and decrypting with a key, whatever its spec; shared by Encrypt, Decrypt, ReEncrypt and data keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from cryptography.hazmat.primitives.asymmetric import rsa

from reconciler.engine.call import Call
from reconciler.engine.crypto import ciphertext, oaep
from reconciler.engine.crypto.specs import ENCRYPT_DECRYPT, SPECS, SYMMETRIC_DEFAULT
from reconciler.engine.errors import invalid, unsupported
from reconciler.engine.operations.key_use import check_use, current_secret, find_secret
from reconciler.engine.store.records import Key
from reconciler.kit.errors import KmsError

Context = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A decrypted ciphertext, and the symmetric material that opened it."""

    plaintext: bytes = field(repr=False)
    material_id: str | None


def check_cipher(key: Key, operation: str, algorithm: str, context: Context) -> None:
    """See that `key` may encrypt and decrypt, with `algorithm` and `context`.

    Raises:
        KmsError: InvalidKeyUsageException, ValidationException.
    """
    check_use(key, operation, ENCRYPT_DECRYPT, algorithm)
    if context and algorithm != SYMMETRIC_DEFAULT:
        raise invalid(f"EncryptionContext is not supported with the algorithm {algorithm}.")


def refuse_recipient(call: Call) -> None:
    """Attested recipients (Nitro enclaves) are not served.

    Raises:
        KmsError: UnsupportedOperationException.
    """
    if call.get("Recipient") is not None:
        raise unsupported("The Recipient parameter is not supported: there is no enclave to attest.")


def check_size(key: Key, algorithm: str, plaintext: bytes) -> None:
    """See that `plaintext` is short enough; 4,096 bytes for symmetric keys is the service model's own limit.

    Raises:
        KmsError: ValidationException.
    """
    if algorithm == SYMMETRIC_DEFAULT:
        return
    most = oaep.capacity(SPECS[key.spec].size, algorithm)
    if len(plaintext) > most:
        raise invalid(f"Algorithm {algorithm} and key spec {key.spec} cannot encrypt data larger than {most} bytes.")


def encrypt(call: Call, key: Key, plaintext: bytes, algorithm: str, context: Context) -> bytes:
    """The ciphertext of `plaintext`, under the current material."""
    material_id, secret = current_secret(call, key)
    if algorithm == SYMMETRIC_DEFAULT:
        header = ciphertext.header_of(key.account, key.key_id, material_id)
        return ciphertext.encrypt(secret.value, header, plaintext, context)
    return oaep.encrypt(cast(rsa.RSAPrivateKey, secret.pair()), plaintext, algorithm)


def decrypt(call: Call, key: Key, blob: bytes, algorithm: str, context: Context) -> Opened:
    """What `blob` holds.

    Raises:
        KmsError: InvalidCiphertextException, IncorrectKeyException.
    """
    if algorithm == SYMMETRIC_DEFAULT:
        return _decrypt_symmetric(call, key, blob, context)
    pair = cast(rsa.RSAPrivateKey, current_secret(call, key)[1].pair())
    plaintext = oaep.decrypt(pair, blob, algorithm)
    if plaintext is None:
        raise invalid_ciphertext()
    return Opened(plaintext, None)


def invalid_ciphertext() -> KmsError:
    """The ciphertext is altered, foreign, or not for this encryption context; AWS gives no message."""
    return KmsError("InvalidCiphertextException", "")


def _decrypt_symmetric(call: Call, key: Key, blob: bytes, context: Context) -> Opened:
    parsed = ciphertext.parse(blob)
    if parsed is None:
        raise invalid_ciphertext()
    if (parsed.account, parsed.key_id) != (key.account, key.key_id):
        raise KmsError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )
    secret = find_secret(call, key, parsed.material_id)
    plaintext = ciphertext.decrypt(secret.value, parsed, context) if secret else None
    if plaintext is None:
        raise invalid_ciphertext()
    return Opened(plaintext, parsed.material_id)
