"""The unsealed side of the store: sealing and opening material, and grant tokens, all under the root key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key

from reconciler.engine.crypto.ciphertext import MessageKeys
from reconciler.engine.crypto.encoding import encode_parts
from reconciler.engine.crypto.material import Material
from reconciler.engine.crypto.seal import seal, unseal
from reconciler.engine.store.records import Key, SealedMaterial
from reconciler.kit.errors import KmsctlError

CACHED_SECRETS: Final = 16_384
"""Materials that stay unsealed in memory, least recently used out first."""

_IMPORT_PURPOSE: Final = b"kmsctl import token"
_TOKEN_VERSION: Final = b"\x01"
_TAG_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class GrantReference:
    """What a grant token names."""

    key_arn: str
    grant_id: str


@dataclass(frozen=True, slots=True)
class ImportParameters:
    """What an import token holds: everything about one wrapping key. Nothing of it is kept anywhere else."""

    key_arn: str
    """The key that material may be imported into."""
    spec: str
    algorithm: str
    """The wrapping algorithm."""
    valid_to: int
    private: bytes = field(repr=False)
    """The wrapping key pair, PKCS #8."""


@dataclass(slots=True)
class Secret:
    """Material in memory, ready for use; what it becomes for its use is made at first use."""

    value: bytes = field(repr=False)
    _pair: PrivateKeyTypes | None = field(default=None, repr=False)
    _messages: MessageKeys | None = field(default=None, repr=False)

    def messages(self) -> MessageKeys:
        """What symmetric material encrypts and decrypts with."""
        if self._messages is None:
            self._messages = MessageKeys(self.value)
        return self._messages

    def pair(self) -> PrivateKeyTypes:
        """The material as a key pair, which it is.

        RSA keys are not checked again, which takes longer than using them: what is sealed was checked when it was made.
        """
        if self._pair is None:
            self._pair = load_der_private_key(self.value, password=None, unsafe_skip_rsa_key_validation=True)
        return self._pair


class Keyring:
    """Opens what the root key sealed. Not thread-safe by itself: use it while the store is held."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._token_key = hmac.digest(root, b"kmsctl grant tokens", "sha256")
        self._material_id_key = hmac.digest(root, b"kmsctl ids of imported material", "sha256")
        self._cache: OrderedDict[tuple[int, str], Secret] = OrderedDict()

    def seal(self, key: Key, material: Material) -> SealedMaterial:
        """`material` as the store keeps it, bound to the key's id, its own, and its public part."""
        sealed = seal(self._root, material.secret, _name(key, material.material_id, material.public))
        return SealedMaterial(material.material_id, sealed, material.public)

    def open(self, key: Key, material: SealedMaterial) -> Secret:
        """`material` of `key`, unsealed.

        Raises:
            KmsctlError: it or its public part was altered, or moved from another key.
        """
        try:
            value = unseal(self._root, material.sealed, _name(key, material.material_id, material.public))
        except InvalidTag:
            raise KmsctlError(
                f"the material of {key.arn} in the local KMS's store does not open",
                why="the store is damaged or was altered",
                fix="restore a copy of the data folder",
            ) from None
        secret = self._cache[key.n, material.material_id] = Secret(value)
        if len(self._cache) > CACHED_SECRETS:
            self._cache.popitem(last=False)
        return secret

    def cached(self, key: Key, material_id: str) -> Secret | None:
        """The material if it is unsealed already."""
        place = (key.n, material_id)
        secret = self._cache.get(place)
        if secret is not None:
            self._cache.move_to_end(place)
        return secret

    def forget(self, key: Key) -> None:
        """Drop the key's material from memory."""
        for place in [place for place in self._cache if place[0] == key.n]:
            del self._cache[place]

    def seal_text(self, owner: str, text: str) -> bytes:
        """A secret that is no key material, bound to the id of what it belongs to."""
        return seal(self._root, text.encode(), encode_parts(b"kmsctl secret", owner.encode()))

    def open_text(self, owner: str, sealed: bytes) -> str:
        """What `seal_text` sealed for `owner`.

        Raises:
            KmsctlError: it was altered, or moved from another owner.
        """
        try:
            return unseal(self._root, sealed, encode_parts(b"kmsctl secret", owner.encode())).decode()
        except InvalidTag:
            raise KmsctlError(
                f"the secret of {owner} in the local KMS's store does not open",
                why="the store is damaged or was altered",
                fix="restore a copy of the data folder",
            ) from None

    def import_token(self, parameters: ImportParameters) -> bytes:
        """A token that only this store can read."""
        names = (parameters.key_arn, parameters.spec, parameters.algorithm, str(parameters.valid_to))
        content = json.dumps([*names, parameters.private.hex()]).encode()
        return seal(self._root, content, _IMPORT_PURPOSE)

    def read_import_token(self, token: bytes) -> ImportParameters | None:
        """What `import_token` put into `token`, or None when this store did not make it."""
        try:
            content = unseal(self._root, token, _IMPORT_PURPOSE)
        except InvalidTag:
            return None
        key_arn, spec, algorithm, valid_to, private = json.loads(content)
        return ImportParameters(key_arn, spec, algorithm, int(valid_to), bytes.fromhex(private))

    def imported_id(self, key: Key, secret: bytes) -> str:
        """The id of imported material: the same for the same material in the same key, in whatever Region.

        It is keyed, so that material that is easily guessed cannot be guessed from it.
        """
        content = encode_parts(key.account.encode(), key.key_id.encode(), secret)
        return hmac.digest(self._material_id_key, content, "sha256").hex()

    def grant_token(self, reference: GrantReference) -> str:
        """A token for the grant, different each time. It is no secret, but only this store makes valid ones."""
        body = _TOKEN_VERSION + secrets.token_bytes(16)
        body += encode_parts(reference.key_arn.encode(), reference.grant_id.encode())
        tag = hmac.digest(self._token_key, body, hashlib.sha256)
        return base64.urlsafe_b64encode(body + tag).decode("ascii")

    def read_grant_token(self, token: str) -> GrantReference | None:
        """What the token names, or None when this store did not make it."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii"))
        except (binascii.Error, ValueError):
            return None
        if base64.urlsafe_b64encode(raw).decode() != token:  # a decoder overlooks what follows the padding
            return None
        body, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
        if not hmac.compare_digest(tag, hmac.digest(self._token_key, body, hashlib.sha256)):
            return None
        arn_length = int.from_bytes(body[17:21], "big")
        return GrantReference(body[21 : 21 + arn_length].decode(), body[25 + arn_length :].decode())


def _name(key: Key, material_id: str, public: bytes | None) -> bytes:
    names = (key.account, key.key_id, material_id)
    return encode_parts(b"kmsctl material", *(name.encode() for name in names), public or b"")
