"""Encrypting and decrypting with a key, whatever its spec; shared by Encrypt, Decrypt, ReEncrypt and data keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from cryptography.hazmat.primitives.asymmetric import rsa

from reconciler.engine.call import Call
from reconciler.engine.crypto import ciphertext, oaep
from reconciler.engine.crypto.specs import ENCRYPT_DECRYPT, SPECS, SYMMETRIC_DEFAULT
from reconciler.engine.errors import invalid, unsupported
from reconciler.engine.keys.use import check_use, current_secret, find_secret
from reconciler.engine.store.records import Key
from reconciler.kit.errors import KmsError

Context = Mapping[str, str]
Seal = Callable[[bytes], bytes]
"""From a plaintext to its ciphertext."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A decrypted ciphertext, and the symmetric material that opened it."""

    plaintext: bytes = field(repr=False)
    material_id: str | None


Open = Callable[[], Opened]
"""Decrypts one ciphertext."""


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


def sealer(call: Call, key: Key, algorithm: str, context: Context) -> Seal:
    """Makes ciphertexts under the current material. It is made while the store is held, and works without it."""
    material_id, secret = current_secret(call, key)
    if algorithm == SYMMETRIC_DEFAULT:
        header = ciphertext.header_of(key.account, key.key_id, material_id)
        keys = secret.messages()
        return lambda plaintext: ciphertext.encrypt(keys, header, plaintext, context)
    pair = cast(rsa.RSAPrivateKey, secret.pair())
    return lambda plaintext: oaep.encrypt(pair, plaintext, algorithm)


def opener(call: Call, key: Key, blob: bytes, algorithm: str, context: Context) -> Open:
    """Opens `blob`, or raises InvalidCiphertextException. It is made while the store is held, and works without it.

    Raises:
        KmsError: InvalidCiphertextException, IncorrectKeyException.
    """
    if algorithm == SYMMETRIC_DEFAULT:
        return _symmetric_opener(call, key, blob, context)
    pair = cast(rsa.RSAPrivateKey, current_secret(call, key)[1].pair())
    return lambda: Opened(_certain(oaep.decrypt(pair, blob, algorithm)), None)


def incorrect_key() -> KmsError:
    """The key that the caller named is not the one that encrypted."""
    return KmsError(
        "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation."
    )


def invalid_ciphertext() -> KmsError:
    """The ciphertext is altered, foreign, or not for this encryption context; AWS gives no message."""
    return KmsError("InvalidCiphertextException", "")


def _symmetric_opener(call: Call, key: Key, blob: bytes, context: Context) -> Open:
    parsed = ciphertext.parse(blob)
    if parsed is None:
        raise invalid_ciphertext()
    if (parsed.account, parsed.key_id) != (key.account, key.key_id):
        raise incorrect_key()
    secret = find_secret(call, key, parsed.material_id)
    if secret is None:
        raise invalid_ciphertext()
    keys = secret.messages()
    return lambda: Opened(_certain(ciphertext.decrypt(keys, parsed, context)), parsed.material_id)


def _certain(plaintext: bytes | None) -> bytes:
    if plaintext is None:
        raise invalid_ciphertext()
    return plaintext
