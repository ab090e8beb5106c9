"""Where the root key comes from: a file of mode 0600, a passphrase, or the environment.

The root key is 32 bytes. It seals key material at rest, and keys for other purposes are derived from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from reconciler.engine.store.trouble import folder_trouble
from reconciler.kit.errors import KmsctlError

ROOT_KEY_BYTES: Final = 32
FILE_NAME: Final = "root.key"
PASSPHRASE_VARIABLE: Final = "KMSCTL_LOCAL_PASSPHRASE"  # noqa: S105  a name, not a secret
RAW_KEY_VARIABLE: Final = "KMSCTL_LOCAL_ROOT_KEY"

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

_SCRYPT_COST: Final = 2**17
_SCRYPT_BLOCK: Final = 8
_SCRYPT_MEMORY: Final = 256 * 2**20
"""scrypt's N, r and the memory that it may use, in bytes (RFC 7914): about 128 MiB and half a second.

The least that https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html asks for with p = 1.
"""


class RootKeySource(Protocol):
    """A way to come by the root key."""

    def obtain(self, folder: Path, salt: bytes, *, fresh: bool) -> bytes:
        """The 32 bytes.

        Args:
            folder: the data folder.
            salt: 16 random bytes that belong to the store for its life.
            fresh: whether the store is new, so that a new root key may be made.

        Raises:
            KmsctlError: the key is missing, malformed or unreadable.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileRootKey:
    """A file in the data folder, readable by its owner only, made with the store."""

    def obtain(self, folder: Path, salt: bytes, *, fresh: bool) -> bytes:  # noqa: ARG002  random, needs no salt
        """See `RootKeySource.obtain`."""
        path = folder / FILE_NAME
        try:
            if fresh:
                _create_once(path)
            key = _read_private(path)
        except FileNotFoundError:
            raise KmsctlError(
                f"the root key {path} is missing",
                why="the store holds keys that only this root key opens",
                fix=f"put the file back, or set {RAW_KEY_VARIABLE} or {PASSPHRASE_VARIABLE} if the store was made so",
            ) from None
        except OSError as error:
            raise folder_trouble(error, path) from None
        if len(key) != ROOT_KEY_BYTES:
            raise KmsctlError(
                f"the root key {path} is not a root key",
                why=f"it does not have {ROOT_KEY_BYTES} bytes",
                fix="put the right file back",
            )
        return key


@dataclass(frozen=True, slots=True)
class PassphraseRootKey:
    """Derived from a passphrase by scrypt with the store's salt."""

    passphrase: str = field(repr=False)

    def obtain(self, folder: Path, salt: bytes, *, fresh: bool) -> bytes:  # noqa: ARG002  nothing is kept
        """See `RootKeySource.obtain`."""
        return hashlib.scrypt(
            self.passphrase.encode("utf-8", "surrogateescape"),
            salt=salt,
            n=_SCRYPT_COST,
            r=_SCRYPT_BLOCK,
            p=1,
            maxmem=_SCRYPT_MEMORY,
            dklen=ROOT_KEY_BYTES,
        )


@dataclass(frozen=True, slots=True)
class RawRootKey:
    """Given as the base64 text of 32 bytes."""

    text: str = field(repr=False)

    def obtain(self, folder: Path, salt: bytes, *, fresh: bool) -> bytes:  # noqa: ARG002  nothing is kept
        """See `RootKeySource.obtain`."""
        with suppress(binascii.Error, ValueError):
            key = base64.b64decode(self.text, validate=True)
            if len(key) == ROOT_KEY_BYTES:
                return key
        raise KmsctlError(
            f"{RAW_KEY_VARIABLE} is not a root key",
            why=f"it must be the base64 text of {ROOT_KEY_BYTES} bytes",
            fix=f"make one with `head -c {ROOT_KEY_BYTES} /dev/urandom | base64`",
        )


def root_key_source(environment: Mapping[str, str]) -> RootKeySource:
    """The source that `environment` asks for; a file in the data folder when it asks for none.

    Raises:
        KmsctlError: it asks for two at once, or for an empty one.
    """
    asked = [name for name in (RAW_KEY_VARIABLE, PASSPHRASE_VARIABLE) if name in environment]
    if len(asked) > 1:
        raise KmsctlError(
            "two root keys are given",
            why=f"{RAW_KEY_VARIABLE} and {PASSPHRASE_VARIABLE} are both set",
            fix="unset one",
        )
    if not asked:
        return FileRootKey()
    value = environment[asked[0]]
    if not value:
        raise KmsctlError(f"{asked[0]} is empty", fix="set it, or unset it to use the root key file")
    return RawRootKey(value) if asked[0] == RAW_KEY_VARIABLE else PassphraseRootKey(value)


def _read_private(path: Path) -> bytes:
    """What is in `path`, if it is a file that nobody but its owner may read or replace by writing."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & _OTHERS:
            raise KmsctlError(
                f"the root key {path} is not private",
                why=f"its mode is {mode:04o}: others may read or change it, and with it every key of the store",
                fix=f"chmod 600 {path}; if somebody may have read it, make a new store",
            )
        return file.read(ROOT_KEY_BYTES + 1)


def _create_once(path: Path) -> None:
    """Make `path` with a new key unless it is there: whole, synced and private before it has its name."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(ROOT_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
        _sync_folder(path.parent)  # before the store that needs it is there
    finally:
        draft.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
