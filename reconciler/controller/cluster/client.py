"""Requests to the Kubernetes API: as many as the operator makes, and no library of all it could.

One session with connections kept alive. An answer that asks to come again (429, or 5xx with Retry-After) is obeyed for
a bounded time, as client-go does; nothing else is tried again here, whoever asked knows whether that is safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp
import orjson

from reconciler import __version__
from reconciler.controller.cluster.errors import ApiError, answered, lost
from reconciler.controller.cluster.refs import ObjectRef
from reconciler.kit.errors import KmsctlError

if TYPE_CHECKING:
    import kopf

    from reconciler.kit.clock import Clock

__all__ = ["Api", "ApiError", "ObjectRef", "Observe", "PatchType"]

Observe = Callable[[str, int], None]
"""Is told the verb (`GET`) and the status (0: no answer came) of every request."""

_TIMEOUT: Final = 30.0
"""Seconds for one request with its answer; the API server itself gives up after 60."""
_CONNECT_TIMEOUT: Final = 5.0
_PATIENCE: Final = 30.0
"""Seconds in all that one request may be put off by Retry-After."""
_TOKEN_LIFE: Final = 60.0
"""Seconds before credentials are read again: kubelet replaces a service account's token long before it expires.

client-go re-reads it as often. Source: https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken"""
_PAGE: Final = 500
_JSON: Final = "application/json"
_METADATA_ONLY: Final = f"{_JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_METADATA_LIST: Final = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_UNAUTHORIZED: Final = 401
_EXPIRED: Final = 410


Objects = list[dict[str, Any]]


class PatchType(StrEnum):
    """How a patch is meant, by its media type.

    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
    """

    MERGE = "application/merge-patch+json"
    """RFC 7396: what is given is set, null removes, lists are replaced."""
    JSON = "application/json-patch+json"
    """RFC 6902: a list of operations, `test` among them."""
    APPLY = "application/apply-patch+yaml"
    """Server-side apply; the parameter `fieldManager` is needed."""


class Api:
    """A client of one API server. All methods raise `ApiError` and belong to one event loop.

    Args:
        log_in: credentials as they are now; called again as they age, and once when the server knows them no more.
        clock: time, for their age.
        observe: see `Observe`.
        sleep: waits, in seconds.
    """

    def __init__(
        self,
        log_in: Callable[[], kopf.ConnectionInfo],
        *,
        clock: Clock,
        observe: Observe | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._log_in = log_in
        self._clock = clock
        self._observe = observe
        self._sleep = sleep
        self._info = log_in()
        self._read_at = clock.monotonic()
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"Api({self._info.server!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; requests on their way are lost, and later ones open new connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One object, or whatever the path gives."""
        return await self._request("GET", path, params=params)

    async def metadata(self, path: str) -> dict[str, Any]:
        """One object without its content, as a `PartialObjectMetadata`.

        Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
        """
        return await self._request("GET", path, accept=_METADATA_ONLY)

    async def list(self, path: str, params: Mapping[str, str] | None = None) -> Objects:
        """All objects at `path`, read in pages; read anew, at once, when the pages' snapshot is gone."""
        try:
            return [item async for item in self._pages(path, params or {})]
        except ApiError as error:
            if error.status != _EXPIRED:
                raise
        return list((await self.get(path, params)).get("items") or ())

    def list_metadata(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """All objects at `path` without their content, a page in memory at a time; see `metadata`.

        Raises:
            ApiError: 410 among others, where the pages' snapshot is gone before the last was read.
        """
        return self._pages(path, {}, accept=_METADATA_LIST)

    async def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make an object; `path` is that of all of its kind. 409 `AlreadyExists` when it is there."""
        return await self._request("POST", path, body)

    async def replace(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Put `body` in an object's place; 409 `Conflict` unless its resourceVersion is the one in `body`."""
        return await self._request("PUT", path, body)

    async def patch(
        self,
        path: str,
        body: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        content_type: PatchType = PatchType.MERGE,
        params: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Change an object; the object afterwards."""
        return await self._request("PATCH", path, body, content_type=content_type, params=params)

    async def put_status(self, ref: ObjectRef, uid: str, status: Mapping[str, Any]) -> dict[str, Any]:
        """Put `status` in the place of the object's; 422 `Invalid` when another object has taken its name.

        A merge would have to name a resourceVersion to be sure, and would fail for every label that somebody sets.
        """
        operations: list[Mapping[str, Any]] = [
            {"op": "test", "path": "/metadata/uid", "value": uid},
            {"op": "add", "path": "/status", "value": status},
        ]
        return await self.patch(f"{ref.path}/status", operations, content_type=PatchType.JSON)

    async def delete(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Delete an object; `body` is a DeleteOptions."""
        return await self._request("DELETE", path, body)

    async def _pages(
        self, path: str, params: Mapping[str, str], *, accept: str = _JSON
    ) -> AsyncIterator[dict[str, Any]]:
        asked = {**params, "limit": str(_PAGE)}
        while True:
            page = await self._request("GET", path, params=asked, accept=accept)
            for item in page.get("items") or ():  # null where there is none
                yield item
            token = page.get("metadata", {}).get("continue")
            if not token:
                return
            asked["continue"] = token

    async def _request(
        self,
        verb: str,
        path: str,
        body: object = None,
        *,
        content_type: str = _JSON,
        params: Mapping[str, str] | None = None,
        accept: str = _JSON,
    ) -> dict[str, Any]:
        data = None if body is None else orjson.dumps(body)
        headers = {"Accept": accept} | ({} if data is None else {"Content-Type": content_type})
        options = {"data": data, "headers": headers, "params": params, "allow_redirects": False}
        self._refresh()
        status, answer = await self._patiently(verb, path, options)
        if status == _UNAUTHORIZED:
            await self._log_in_again()
            status, answer = await self._patiently(verb, path, options)
        if status >= 400:
            raise answered(status, answer)
        return _object(status, answer)

    async def _patiently(self, verb: str, path: str, options: Mapping[str, Any]) -> tuple[int, bytes]:
        """The answer, after having waited as often and as long as answers asked for."""
        patience = _PATIENCE
        while True:
            status, answer, wait = await self._once(verb, path, options)
            if wait is None or wait > patience:
                return status, answer
            patience -= max(wait, 1.0)
            await self._sleep(wait)

    async def _once(self, verb: str, path: str, options: Mapping[str, Any]) -> tuple[int, bytes, float | None]:
        status = 0
        try:
            status, answer, retry_after = await self._exchange(verb, path, options)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error, aiohttp.ClientConnectorCertificateError):
                await self.close()  # the cluster's authority may be a new one, which the next session reads
            raise lost(error) from None
        finally:
            if self._observe is not None:
                self._observe(verb, status)
        return status, answer, _wait_asked_for(status, retry_after)

    async def _exchange(self, verb: str, path: str, options: Mapping[str, Any]) -> tuple[int, bytes, str]:
        session = self._open()
        headers = {**self._info.as_http_headers(), **options["headers"]}
        try:
            async with session.request(verb, self._url(path), **{**options, "headers": headers}) as response:
                return response.status, await response.read(), response.headers.get("Retry-After", "")
        except RuntimeError as error:  # what aiohttp raises when another request has closed the session meanwhile
            if not session.closed:
                raise
            raise aiohttp.ClientConnectionError from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._info.as_ssl_context(), limit=32, keepalive_timeout=60),
                timeout=aiohttp.ClientTimeout(total=_TIMEOUT, connect=_CONNECT_TIMEOUT),
                headers={"User-Agent": f"kmsctl-operator/{__version__}"},
                proxy=self._info.proxy_url,
                trust_env=self._info.trust_env,
            )
        return self._session

    def _url(self, path: str) -> str:
        return f"{self._info.server.rstrip('/')}{path}"

    def _refresh(self) -> None:
        """Take a rotated token; what else there is of the login changes only when the server refuses it."""
        now = self._clock.monotonic()
        if now - self._read_at >= _TOKEN_LIFE:
            self._read_at = now
            with suppress(KmsctlError):  # in the middle of being replaced; what we have is still good
                self._info = replace(self._info, token=self._log_in().token)

    async def _log_in_again(self) -> None:
        try:
            found = self._log_in()
        except KmsctlError as error:
            raise ApiError(_UNAUTHORIZED, "Unauthorized", f"{error.what}: {error.why}") from None
        before, self._info = replace(self._info, token=None), found
        self._read_at = self._clock.monotonic()
        if replace(found, token=None) != before:
            await self.close()


def _wait_asked_for(status: int, retry_after: str) -> float | None:
    """Seconds that the server asks to wait; None when it does not. The form with a date is not used by Kubernetes."""
    if status != 429 and status < 500:
        return None
    return float(retry_after) if retry_after.isdecimal() and retry_after.isascii() else None


def _object(status: int, answer: bytes) -> dict[str, Any]:
    try:
        told: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise ApiError(status, "NotKubernetes", "the answer is no JSON object: is this an API server?")
    return told
