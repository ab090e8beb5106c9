"""Reading a request's body: not more than may be, and not longer than may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

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


class Bodies:
    """Reads the bodies of one worker's requests.

    A timer of its own for each request would cost more than the reading; so all that are being read are looked at
    from time to time (`stop_late`).
    """

    def __init__(self) -> None:
        self._reading: dict[asyncio.Task[Any] | None, float] = {}
        self._late: set[asyncio.Task[Any] | None] = set()

    async def read(self, connection: Connection, declared: str | None, now: float) -> bytes:
        """The body, read whole.

        Args:
            connection: where it comes from.
            declared: the header Content-Length; None for a body in chunks, or none.
            now: seconds on the clock that `stop_late` is told, too.

        Raises:
            KmsError: RequestEntityTooLarge, before more than `MAX_BODY` was kept; RequestTimeout; IncompleteBody.
        """
        if declared is not None and (len(declared) > 12 or not declared.isdecimal() or int(declared) > MAX_BODY):
            raise _too_large()
        if declared == "0":
            return b""
        task = asyncio.current_task()
        self._reading[task] = now
        try:
            return await connection() if declared is not None else await _chunks(connection)
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            self._late.discard(task)
            raise KmsError(
                "RequestTimeout", f"The request body did not come within {BODY_TIMEOUT:.0f} seconds."
            ) from None
        except RuntimeError:  # granian's ProtocolError: the connection ended, or what came is no chunk
            raise KmsError("IncompleteBody", "The request body ended before it was whole.") from None
        finally:
            del self._reading[task]

    def stop_late(self, now: float) -> None:
        """Give up on the bodies that have taken too long by `now`."""
        for task, since in list(self._reading.items()):
            if task is not None and now - since > BODY_TIMEOUT and task not in self._late:
                self._late.add(task)
                task.cancel()


async def _chunks(connection: Connection) -> bytes:
    body = bytearray()
    async for chunk in connection:
        body += chunk
        if len(body) > MAX_BODY:
            raise _too_large()
    return bytes(body)


def _too_large() -> KmsError:
    return KmsError("RequestEntityTooLarge", f"The request body is larger than {MAX_BODY} bytes.")
