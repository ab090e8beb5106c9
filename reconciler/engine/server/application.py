"""The application that granian calls: one request in, one response out, nothing raised.

The engine answers within tens of microseconds, so it is called on the event loop itself.
"""

from __future__ import annotations

import sys
import traceback
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import orjson

from reconciler import __version__
from reconciler.engine.engine import Engine
from reconciler.engine.ids import random_uuid
from reconciler.engine.server.authentication import ORIGIN, Authenticate
from reconciler.engine.server.body import Bodies, Connection
from reconciler.engine.server.messages import Request, Response
from reconciler.engine.server.protocols.protocol import INTERNAL
from reconciler.engine.server.routes import Route, route_of
from reconciler.kit.errors import KmsctlError, KmsError

if TYPE_CHECKING:
    from granian.rsgi import Scope

_OWN: Final = "/_kmsctl/"
HEALTH: Final = f"{_OWN}health"
RESET: Final = f"{_OWN}reset"
_TICK: Final = 0.5
"""Seconds between looks whether a body is late."""
_JSON: Final = [("content-type", "application/json")]


class Application:
    """One worker's application."""

    def __init__(
        self,
        engine: Engine,
        authenticate: Authenticate,
        *,
        allow_reset: bool = False,
        now: Callable[[], float],
    ) -> None:
        """Serve `engine`.

        Args:
            engine: what answers.
            authenticate: says who calls.
            allow_reset: whether everything may be forgotten.
            now: seconds on a clock that never goes back.
        """
        self._bodies = Bodies()
        self._now = now
        self._looked = now()
        self._engine = engine
        self._authenticate = authenticate
        self._allow_reset = allow_reset
        self._timer: TimerHandle | None = None
        self._unwell = False
        """Whether it was said on stderr that the record cannot be written."""

    async def __rsgi__(self, scope: Scope, connection: Connection) -> None:
        """See the RSGI specification of granian."""
        headers = _headers(scope)
        try:
            body = await self._bodies.read(connection, headers.get("content-length"), self._looked)
        except KmsError as error:
            response = refusal(_request(scope, headers, b""), error)
        else:
            response = self.answer(_request(scope, headers, body))
        connection.response_bytes(response.status, response.headers, response.body)

    def __rsgi_init__(self, loop: AbstractEventLoop) -> None:
        """Begin to look for bodies that do not come."""
        self._timer = loop.call_later(_TICK, self._tick, loop)

    def __rsgi_del__(self, loop: AbstractEventLoop) -> None:
        """Close the engine when the worker stops."""
        del loop
        if self._timer is not None:
            self._timer.cancel()
        self._engine.close()

    def _tick(self, loop: AbstractEventLoop) -> None:
        self._looked = self._now()
        self._bodies.stop_late(self._looked)
        self._watch()
        self._timer = loop.call_later(_TICK, self._tick, loop)

    def _watch(self) -> None:
        """Say on stderr when the record cannot be written, and when it can again: an idle server tells nobody else."""
        trouble = self._engine.trouble
        if trouble is not None and not self._unwell:
            _say(f"error: the audit record cannot be written: {trouble.what} ({trouble.why}); {trouble.fix}")
        elif trouble is None and self._unwell:
            _say("the audit record is written again")
        self._unwell = trouble is not None

    def answer(self, request: Request) -> Response:
        """The response to `request`, whatever it is."""
        route = route_of(request)
        try:
            if request.path.startswith(_OWN):
                return self._own(request)
            if route.refusal is not None:
                raise route.refusal
            caller = self._authenticate(request, route.service)
            parameters = route.protocol.parameters(route.operation, request)
            request_id = random_uuid()
            result = self._engine.perform(caller, route.operation, parameters, request_id=request_id)
            return route.protocol.success(route.operation, result, request_id)
        except KmsError as error:
            return _failed(route, error)
        except Exception as error:  # noqa: BLE001  here ends every error's way
            _report(error)
            return _failed(route, KmsError(INTERNAL, "The request failed inside the bundled KMS."))

    def _own(self, request: Request) -> Response:
        match request.method, request.path:
            case "GET" | "HEAD", path if path == HEALTH:
                return _health(self._engine.trouble)
            case "POST", path if path == RESET and self._allow_reset and ORIGIN not in request.headers:
                self._engine.clear()
                return _told(200, {"status": "empty"})
            case _:
                return _told(404, {"status": "not found"})


def refusal(request: Request, error: KmsError) -> Response:
    """The answer to a request that is refused before its body is read."""
    return _failed(route_of(request), error)


def _failed(route: Route, error: KmsError) -> Response:
    error.request_id = error.request_id or random_uuid()
    return route.protocol.failure(error, route.service)


def _headers(scope: Scope) -> dict[str, str]:
    items = scope.headers.items()
    headers = dict(items)
    return headers if len(headers) == len(items) else _joined(items)


def _request(scope: Scope, headers: dict[str, str], body: bytes) -> Request:
    client = scope.client.rpartition(":")[0]
    return Request(scope.method, scope.path, scope.query_string, headers, body, client, scope.scheme == "https")


def _joined(items: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in items:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _health(trouble: KmsctlError | None) -> Response:
    """503 while the record cannot be written, with the cause but no paths: strangers may ask."""
    if trouble is not None:
        reason = f"the audit record cannot be written: {trouble.why or 'the store cannot be used'}"
        return _told(503, {"status": "unhealthy", "reason": reason, "version": __version__})
    return _told(200, {"status": "ready", "version": __version__})


def _told(status: int, content: dict[str, str]) -> Response:
    return Response(status, _JSON, orjson.dumps(content))


def _report(error: Exception) -> None:
    """Say on stderr what went wrong: an error of ours without its details, which may hold anything."""
    if isinstance(error, KmsctlError):
        said = f"error: {error.what}"
    else:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        said = f"error: this is a bug in kmsctl ({type(error).__name__} in {frame.name}, line {frame.lineno})"
    _say(said)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
