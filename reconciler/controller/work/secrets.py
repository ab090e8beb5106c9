"""Kubernetes Secrets, for key material that an object names, and for the credentials of a Target."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from reconciler.apply.secrets import Secret
from reconciler.controller.cluster.client import Api, ApiError
from reconciler.controller.cluster.refs import path_of
from reconciler.kit.errors import KmsctlError
from reconciler.kms.aws import StaticCredentials
from reconciler.kms.translate import Unreachable
from reconciler.model.material import SecretFile, SecretReference, SecretSource, SecretVariable

_BUSY: Final = 429


class SecretLacking(KmsctlError):  # noqa: N818  as the others are named
    """A Secret is not there, may not be read, or lacks something.

    Args:
        place: its namespace and name.
        version: of what was read; None where nothing could be.
        what: see `KmsctlError`, as `why` and `fix`.
    """

    def __init__(self, place: tuple[str, str], version: str | None, what: str, *, why: str, fix: str) -> None:
        super().__init__(what, why=why, fix=fix)
        self.namespace, self.name = place
        self.version = version


@dataclass(frozen=True, slots=True)
class SecretContent:
    """What is in a Secret."""

    values: Mapping[str, bytes] = field(repr=False)
    """By key."""
    version: str = ""
    """The resource version of it."""


async def read_secret(api: Api, namespace: str, name: str) -> SecretContent:
    """The content of a Secret.

    Raises:
        Unreachable: the API server does not answer, or has no time.
        SecretLacking: it is not there or may not be read. Says nothing of its content.
        KmsctlError: it is none.
    """
    try:
        found = await api.get(path_of("v1", "secrets", namespace, name))
        values = {key: base64.b64decode(value, validate=True) for key, value in (found.get("data") or {}).items()}
        return SecretContent(values, str(found.get("metadata", {}).get("resourceVersion", "")))
    except ApiError as error:
        if error.unreachable or error.status == _BUSY:
            raise _unreachable(namespace, name) from None
        fix = "create it" if error.status == 404 else "let the operator's role read it (`get` on secrets)"
        why = f"the API server answers {error.status or 'nothing'}"
        what = f"the Secret {namespace}/{name} cannot be read"
        raise SecretLacking((namespace, name), None, what, why=why, fix=fix) from None
    except (ValueError, TypeError, AttributeError):
        raise KmsctlError(f"the Secret {namespace}/{name} is no Secret", why="its data are not in base64") from None


def _unreachable(namespace: str, name: str) -> Unreachable:
    return Unreachable(f"the Secret {namespace}/{name} cannot be read for now", why="the API server does not answer")


@dataclass(frozen=True, slots=True)
class ClusterSecrets:
    """Reads the Secrets of one namespace for a worker thread; never a file or a variable of the operator's own."""

    api: Api
    loop: asyncio.AbstractEventLoop
    namespace: str
    patience: float = 30.0
    """Seconds that a worker thread waits for the API server."""

    def __call__(self, source: SecretSource, /) -> Secret:
        """See `reconciler.apply.secrets.Secrets`."""
        match source:
            case SecretFile() | SecretVariable():
                raise KmsctlError(
                    f"the {source} cannot be read by the operator",
                    why="its files and environment are nobody else's to read",
                    fix="put it into a Secret of the namespace, and declare `from: {secretRef: {name: …, key: …}}`",
                )
            case SecretReference(name, key):
                content = self._read(name)
                found = content.values.get(key)
                if not found:
                    what = f"the Secret {self.namespace}/{name} has no key {key}, or it is empty"
                    why, fix = "key material is read from there", "add it to the Secret"
                    raise SecretLacking((self.namespace, name), content.version, what, why=why, fix=fix)
                return Secret(found)
            case _:
                assert_never(source)

    def _read(self, name: str) -> SecretContent:
        reading = asyncio.run_coroutine_threadsafe(read_secret(self.api, self.namespace, name), self.loop)
        try:
            return reading.result(self.patience)
        except TimeoutError:
            reading.cancel()
            raise _unreachable(self.namespace, name) from None


async def credentials_in(api: Api, namespace: str, name: str) -> StaticCredentials:
    """The access key in a Secret, under the names that AWS's own files have.

    Raises:
        KmsctlError: as `read_secret`; SecretLacking also where it lacks one.
    """
    content = await read_secret(api, namespace, name)
    found = content.values
    missing = [key for key in ("aws_access_key_id", "aws_secret_access_key") if not found.get(key)]
    if missing:
        what = f"the Secret {namespace}/{name} lacks {' and '.join(missing)}"
        why = "a Target takes its credentials from there"
        raise SecretLacking((namespace, name), content.version, what, why=why, fix="add what is missing")
    token = found.get("aws_session_token")
    return StaticCredentials(
        found["aws_access_key_id"].decode("ascii", "replace").strip(),
        found["aws_secret_access_key"].decode("ascii", "replace").strip(),
        token.decode("ascii", "replace").strip() if token else None,
    )
