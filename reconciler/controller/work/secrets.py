"""Kubernetes Secrets, for key material that an object names, and for the credentials of a Target."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, assert_never

from reconciler.apply.secrets import Secret
from reconciler.controller.cluster.client import Api, ApiError
from reconciler.controller.cluster.refs import path_of
from reconciler.kit.errors import KmsctlError
from reconciler.kms.aws import StaticCredentials
from reconciler.kms.translate import Unreachable
from reconciler.model.material import SecretFile, SecretReference, SecretSource, SecretVariable

_BUSY: Final = 429


SecretPlace: TypeAlias = tuple[str, str]
"""The namespace and the name of a Secret."""
Versions: TypeAlias = dict[SecretPlace, str | None]
"""The resource versions of the Secrets that were read, each as it was read first; None where there was none to read."""


async def read_secret(api: Api, namespace: str, name: str, versions: Versions) -> Mapping[str, bytes]:
    """The content of a Secret, by key; its version is noted in `versions`.

    Raises:
        Unreachable: the API server does not answer, or has no time.
        KmsctlError: it is not there, may not be read, or is none. Says nothing of its content.
    """
    try:
        found = await api.get(path_of("v1", "secrets", namespace, name))
        versions.setdefault((namespace, name), version_of(found))
        return {key: base64.b64decode(value, validate=True) for key, value in (found.get("data") or {}).items()}
    except ApiError as error:
        if is_away(error):
            raise _unreachable(namespace, name) from None
        versions.setdefault((namespace, name), None)
        fix = "create it" if error.status == 404 else "let the operator's role read it (`get` on secrets)"
        why = f"the API server answers {error.status}"
        raise KmsctlError(f"the Secret {namespace}/{name} cannot be read", why=why, fix=fix) from None
    except (ValueError, TypeError, AttributeError):
        raise KmsctlError(f"the Secret {namespace}/{name} is no Secret", why="its data are not in base64") from None


def is_away(error: ApiError) -> bool:
    """Whether the API server says nothing of a Secret for now: it does not answer, or has no time."""
    return error.unreachable or error.status == _BUSY


def version_of(body: Mapping[str, Any]) -> str:
    """The resource version of an object of any kind."""
    return str(body.get("metadata", {}).get("resourceVersion", ""))


def _unreachable(namespace: str, name: str) -> Unreachable:
    return Unreachable(f"the Secret {namespace}/{name} cannot be read for now", why="the API server does not answer")


@dataclass(frozen=True, slots=True)
class ClusterSecrets:
    """Reads the Secrets of one namespace for a worker thread; never a file or a variable of the operator's own.

    It keeps the versions of what it read, and nothing of the content.
    """

    api: Api
    loop: asyncio.AbstractEventLoop
    namespace: str
    patience: float = 30.0
    """Seconds that a worker thread waits for the API server."""
    versions: Versions = field(default_factory=dict)
    """Belongs to the event loop: to be looked at once no thread reads any more."""

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
                found = self._read(name).get(key)
                if not found:
                    what = f"the Secret {self.namespace}/{name} has no key {key}, or it is empty"
                    why, fix = "key material is read from there", "add it to the Secret"
                    raise KmsctlError(what, why=why, fix=fix)
                return Secret(found)
            case _:
                assert_never(source)

    def _read(self, name: str) -> Mapping[str, bytes]:
        wanted = read_secret(self.api, self.namespace, name, self.versions)
        reading = asyncio.run_coroutine_threadsafe(wanted, self.loop)
        try:
            return reading.result(self.patience)
        except TimeoutError:
            reading.cancel()
            raise _unreachable(self.namespace, name) from None


async def credentials_in(api: Api, namespace: str, name: str, versions: Versions) -> StaticCredentials:
    """The access key in a Secret, under the names that AWS's own files have; its version is noted in `versions`.

    Raises:
        KmsctlError: as `read_secret`, and where it lacks one.
    """
    found = await read_secret(api, namespace, name, versions)
    missing = [key for key in ("aws_access_key_id", "aws_secret_access_key") if not found.get(key)]
    if missing:
        what = f"the Secret {namespace}/{name} lacks {' and '.join(missing)}"
        why = "a Target takes its credentials from there"
        raise KmsctlError(what, why=why, fix="add what is missing")
    token = found.get("aws_session_token")
    return StaticCredentials(
        found["aws_access_key_id"].decode("ascii", "replace").strip(),
        found["aws_secret_access_key"].decode("ascii", "replace").strip(),
        token.decode("ascii", "replace").strip() if token else None,
    )
