"""Envelope encryption by hand: one data key of KMS for a file, AES-256-GCM for its pieces.

A sealed file is its encrypted data key, a nonce's prefix, and pieces. The nonce of a piece says which it is and whether
it is the last, so that no piece can be moved, left out or cut off unnoticed (the STREAM construction). The encryption
context is bound to the data key by KMS: whoever names another one gets no data key.

    python plain.py seal backup.tar backup.sealed --context purpose=backup
    python plain.py open backup.sealed backup.tar --context purpose=backup
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import boto3
from command import arguments
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 1024 * 1024
"""Bytes of plaintext that are sealed at once."""
PREFIX = 7
"""Bytes of a nonce that are drawn by chance, once a file; four more count pieces, one marks the last."""
TAG = 16
"""Bytes that AES-GCM adds to a piece."""


def seal(kms: Any, key: str, context: dict[str, str], source: BinaryIO, sink: BinaryIO) -> None:
    """Seal `source`: one GenerateDataKey, however long it is."""
    data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)
    encrypted, prefix = data_key["CiphertextBlob"], os.urandom(PREFIX)
    sink.write(len(encrypted).to_bytes(2, "big") + encrypted + prefix)
    cipher = AESGCM(data_key["Plaintext"])
    sink.writelines(
        cipher.encrypt(nonce(prefix, number, last=last), piece, None)
        for number, (piece, last) in enumerate(pieces(source, PIECE))
    )


def unseal(kms: Any, context: dict[str, str], source: BinaryIO, sink: BinaryIO) -> None:
    """Open what `seal` made: one Decrypt, and KMS finds the key by the ciphertext.

    Raises:
        cryptography.exceptions.InvalidTag: somebody changed a piece, moved it, or cut the file short.
        botocore.exceptions.ClientError: InvalidCiphertextException for another context or a changed data key.
    """
    encrypted = source.read(int.from_bytes(source.read(2), "big"))
    prefix = source.read(PREFIX)
    cipher = AESGCM(kms.decrypt(CiphertextBlob=encrypted, EncryptionContext=context)["Plaintext"])
    sink.writelines(
        cipher.decrypt(nonce(prefix, number, last=last), piece, None)
        for number, (piece, last) in enumerate(pieces(source, PIECE + TAG))
    )


def pieces(source: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """`source` in pieces, each with whether it is the last; an empty file is one empty piece."""
    piece = source.read(size)
    while following := source.read(size):
        yield piece, False
        piece = following
    yield piece, True


def nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    """The nonce of a piece."""
    return prefix + number.to_bytes(4, "big") + bytes([last])


if __name__ == "__main__":
    asked = arguments(__doc__)
    with asked.source.open("rb") as source, asked.sink.open("xb") as sink:
        if asked.action == "seal":
            seal(boto3.client("kms"), asked.key, asked.context, source, sink)
        else:
            unseal(boto3.client("kms"), asked.context, source, sink)
