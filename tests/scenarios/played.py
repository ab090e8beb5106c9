"""AWS services, played: what each does with KMS for its customers, and the cryptography that it does itself."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


def refused(call: Any, **parameters: Any) -> str:
    """The code of the error that the call gives."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Code"])


def sealed(data_key: bytes, plaintext: bytes) -> bytes:
    """`plaintext` under a data key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(data_key).encrypt(nonce, plaintext, None)


def opened(data_key: bytes, ciphertext: bytes) -> bytes:
    """The plaintext of `sealed`."""
    return AESGCM(data_key).decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], None)


@dataclass(frozen=True)
class Stored:
    """An object at rest."""

    data_key: bytes
    """Encrypted by KMS."""
    salt: bytes
    """By which the object's own key is derived from its bucket's; empty without a bucket key."""
    content: bytes


@dataclass
class Bucket:
    """Amazon S3 with SSE-KMS, with or without a bucket key.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context and
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """

    name: str
    key: str
    bucket_key: bool = False
    objects: dict[str, Stored] = field(default_factory=dict)
    _current: tuple[bytes, bytes] | None = None
    """The bucket key while S3 keeps it: plaintext and ciphertext."""
    _opened: dict[bytes, bytes] = field(default_factory=dict)

    def context(self, name: str) -> dict[str, str]:
        """The encryption context: the bucket's ARN with a bucket key, else the object's."""
        return {"aws:s3:arn": f"arn:aws:s3:::{self.name}" + ("" if self.bucket_key else f"/{name}")}

    def put(self, kms: Any, name: str, content: bytes) -> None:
        """Store an object; `kms` is S3's client on behalf of who puts it."""
        key, encrypted = self._data_key(kms, name)
        salt = os.urandom(16) if self.bucket_key else b""
        self.objects[name] = Stored(encrypted, salt, sealed(_derived(key, salt), content))

    def get(self, kms: Any, name: str) -> bytes:
        """Read an object; `kms` is S3's client on behalf of who reads it."""
        stored = self.objects[name]
        key = self._opened.get(stored.data_key) or self._decrypted(kms, name, stored.data_key)
        return opened(_derived(key, stored.salt), stored.content)

    def _data_key(self, kms: Any, name: str) -> tuple[bytes, bytes]:
        if self._current is None or not self.bucket_key:
            made = kms.generate_data_key(KeyId=self.key, KeySpec="AES_256", EncryptionContext=self.context(name))
            self._current = made["Plaintext"], made["CiphertextBlob"]
        return self._current

    def _decrypted(self, kms: Any, name: str, encrypted: bytes) -> bytes:
        told = kms.decrypt(CiphertextBlob=encrypted, EncryptionContext=self.context(name))
        if self.bucket_key:
            self._opened[encrypted] = told["Plaintext"]
        return bytes(told["Plaintext"])


def _derived(key: bytes, salt: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, b"object").derive(key) if salt else key


@dataclass(frozen=True)
class Volume:
    """An encrypted volume or snapshot of Amazon EBS: its data key lies beside it, encrypted.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/services-ebs.html
    """

    identifier: str
    """Of the volume that the data key was made for: snapshots, and volumes from them, keep it and its context."""
    key: str
    data_key: bytes
    grant: str | None = None

    @property
    def context(self) -> dict[str, str]:
        """The encryption context."""
        return {"aws:ebs:id": self.identifier}


def create_volume(kms: Any, identifier: str, key: str, grantee: str) -> Volume:
    """Make a volume; `kms` is EC2's client on behalf of who creates it, `grantee` who will attach it."""
    context = {"aws:ebs:id": identifier}
    grant = kms.create_grant(
        KeyId=key,
        GranteePrincipal=grantee,
        Operations=["Decrypt", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"],
        Constraints={"EncryptionContextSubset": context},
        Name=f"volume:{identifier}",
    )
    made = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=64, EncryptionContext=context)
    return Volume(identifier, key, made["CiphertextBlob"], grant["GrantId"])


def attach(kms: Any, volume: Volume) -> bytes:
    """Attach a volume: its data key in plaintext, as the host of the instance has it in memory."""
    return bytes(kms.decrypt(CiphertextBlob=volume.data_key, EncryptionContext=volume.context)["Plaintext"])


def copy(kms: Any, snapshot: Volume, identifier: str, key: str) -> Volume:
    """Copy a snapshot under another key: its data key is encrypted anew, and never seen."""
    again = kms.re_encrypt(
        CiphertextBlob=snapshot.data_key,
        SourceEncryptionContext=snapshot.context,
        DestinationKeyId=key,
        DestinationEncryptionContext={"aws:ebs:id": identifier},
    )
    return Volume(identifier, key, again["CiphertextBlob"])
