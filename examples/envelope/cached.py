"""Envelope encryption by the AWS Encryption SDK, with data keys that are cached within limits.

A sealed file is a row of messages of the SDK, each with its length before it. All have the same encryption context,
because the cache keeps one data key for each context; which message of which file it is stands inside it, sealed.

    python cached.py seal backup.tar backup.sealed --context purpose=backup
    python cached.py open backup.sealed backup.tar --context purpose=backup
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, BinaryIO

import boto3
from aws_encryption_sdk import (
    CachingCryptoMaterialsManager,
    CommitmentPolicy,
    EncryptionSDKClient,
    LocalCryptoMaterialsCache,
    StrictAwsKmsMasterKeyProvider,
)
from command import arguments
from plain import pieces

MESSAGE = 1024 * 1024
"""Bytes of the file in a message."""
FILE_ID = 16
"""Bytes that name the file in each of its messages; four more count them, one marks the last."""
CLIENT = EncryptionSDKClient(
    commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, max_encrypted_data_keys=1
)


class WrongFileError(Exception):
    """A message is not the one that belongs here."""


@dataclass(frozen=True)
class Limits:
    """How long one data key is used. Less is safer, more spares calls to KMS."""

    age: float = 300.0
    """Seconds."""
    messages: int = 100
    size: int = 64 * 1024 * 1024
    """Bytes."""


def materials(kms: Any, key: str, limits: Limits) -> CachingCryptoMaterialsManager:
    """Data keys under `key`, cached within `limits`."""
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    return CachingCryptoMaterialsManager(
        master_key_provider=StrictAwsKmsMasterKeyProvider(key_ids=[arn]),
        cache=LocalCryptoMaterialsCache(capacity=10),
        max_age=limits.age,
        max_messages_encrypted=limits.messages,
        max_bytes_encrypted=limits.size,
    )


def seal(manager: CachingCryptoMaterialsManager, context: dict[str, str], source: BinaryIO, sink: BinaryIO) -> None:
    """Seal `source`."""
    file_id = os.urandom(FILE_ID)
    for number, (piece, last) in enumerate(pieces(source, MESSAGE)):
        text = file_id + number.to_bytes(4, "big") + bytes([last]) + piece
        sealed, _ = CLIENT.encrypt(source=text, materials_manager=manager, encryption_context=context)
        sink.write(len(sealed).to_bytes(4, "big") + sealed)


def unseal(manager: CachingCryptoMaterialsManager, context: dict[str, str], source: BinaryIO, sink: BinaryIO) -> None:
    """Open what `seal` made.

    Raises:
        WrongFileError: it has another context, or a message is missing, moved, or another file's.
        aws_encryption_sdk.exceptions.AWSEncryptionSDKClientError: somebody changed a message.
    """
    begins, number, last = b"", 0, False
    while not last:
        text, header = CLIENT.decrypt(
            source=source.read(int.from_bytes(source.read(4), "big")), materials_manager=manager
        )
        begins = begins or text[:FILE_ID]
        if not context.items() <= header.encryption_context.items():
            raise WrongFileError("the file was sealed with another encryption context")
        if text[: FILE_ID + 4] != begins + number.to_bytes(4, "big"):
            raise WrongFileError(f"message {number} is another one")
        last = bool(text[FILE_ID + 4])
        sink.write(text[FILE_ID + 5 :])
        number += 1


if __name__ == "__main__":
    asked = arguments(__doc__)
    manager = materials(boto3.client("kms"), asked.key, Limits())
    with asked.source.open("rb") as source, asked.sink.open("xb") as sink:
        (seal if asked.action == "seal" else unseal)(manager, asked.context, source, sink)
