"""Reading a request's body: not more than may be, and not longer than may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from reconciler.engine.server.limits import BODY_TIMEOUT, MAX_BODY
from reconciler.kit.errors import KmsError


class Connection(Protocol):
    """What the server does with granian's protocol object (RSGI 1.6)."""

    async def __call__(self) -> bytes:
        """The whole body."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body in pieces."""
        ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer."""
        ...


async def read_body(connection: Connection, declared: str | None) -> bytes:
    """The body, read whole.

    Args:
        connection: where it comes from.
        declared: the header Content-Length; None for a body in chunks, or none.

    Raises:
        KmsError: RequestEntityTooLarge, before more than `MAX_BODY` was kept; RequestTimeout.
    """
    if declared is not None and (len(declared) > 12 or not declared.isdecimal() or int(declared) > MAX_BODY):
        raise _too_large()
    if declared == "0":
        return b""
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            return await connection() if declared is not None else await _chunks(connection)
    except TimeoutError:
        raise KmsError("RequestTimeout", f"The request body did not come within {BODY_TIMEOUT:.0f} seconds.") from None


async def _chunks(connection: Connection) -> bytes:
    body = bytearray()
    async for chunk in connection:
        body += chunk
        if len(body) > MAX_BODY:
            raise _too_large()
    return bytes(body)


def _too_large() -> KmsError:
    return KmsError("RequestEntityTooLarge", f"The request body is larger than {MAX_BODY} bytes.")
