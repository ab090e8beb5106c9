"""As much of an API server as the operator's client needs, over real sockets and in memory.

Objects of any kind at any path; resourceVersion guards replacements; faults are played in the order given.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import kopf
from aiohttp import web
from aiohttp.test_utils import TestServer

from reconciler.controller.cluster.client import Api
from reconciler.kit.clock import Clock, ManualClock, SystemClock


@dataclass
class Request:
    """What was asked."""

    verb: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    peer: object


@dataclass
class Fault:
    """What is answered in an object's place; `hang_up` answers nothing."""

    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    text: str | None = None
    hang_up: bool = False


class ApiServer:
    """The server's memory."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.requests: list[Request] = []
        self.faults: deque[Fault] = deque()
        self.tokens: set[str] = set()
        """Tokens that are good; any is, when there are none here."""
        self.page = 500
        self._versions = itertools.count(1)
        self.application = web.Application()
        self.application.router.add_route("*", "/{path:.*}", self._serve)

    def play(self, *faults: Fault) -> None:
        """Answer the next requests with `faults`."""
        self.faults.extend(faults)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        body = json.loads(text) if text else None
        peer = request.transport.get_extra_info("peername") if request.transport else None
        self.requests.append(
            Request(request.method, request.path, dict(request.query), dict(request.headers), body, peer)
        )
        if self.faults:
            fault = self.faults.popleft()
            if fault.hang_up:
                assert request.transport is not None
                request.transport.abort()
            content = fault.text if fault.text is not None else json.dumps(fault.body or {})
            return web.Response(status=fault.status, headers=fault.headers, text=content)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.tokens and token not in self.tokens:
            return _failure(401, "Unauthorized", "Unauthorized")
        return self.answer(request.method, request.path, body, dict(request.query))

    def answer(self, verb: str, path: str, body: Any, query: dict[str, str]) -> web.Response:
        """One request, at once."""
        match verb:
            case "POST":
                return self._create(f"{path}/{body['metadata']['name']}", body)
            case "GET" if path not in self.objects and any(key.startswith(f"{path}/") for key in self.objects):
                return self._list(path, query)
        if path.removesuffix("/status") not in self.objects:
            return _failure(404, "NotFound", f"{path} not found")
        return self._on_one(verb, path.removesuffix("/status"), body)

    def _create(self, path: str, body: dict[str, Any]) -> web.Response:
        if path in self.objects:
            return _failure(409, "AlreadyExists", f"{path} already exists")
        return self._store(path, body, 201)

    def _list(self, path: str, query: dict[str, str]) -> web.Response:
        names = sorted(key for key in self.objects if key.startswith(f"{path}/"))
        start = int(query.get("continue", "0"))
        size = min(int(query.get("limit", str(len(names)))), self.page) if "limit" in query else len(names)
        metadata = {"continue": str(start + size)} if start + size < len(names) else {}
        items = [self.objects[name] for name in names[start : start + size]]
        return web.json_response({"items": items, "metadata": metadata})

    def _on_one(self, verb: str, path: str, body: Any) -> web.Response:
        now = self.objects[path]
        match verb:
            case "PUT":
                if body["metadata"].get("resourceVersion") not in {None, now["metadata"]["resourceVersion"]}:
                    return _failure(409, "Conflict", "the object has been modified")
                return self._store(path, body, 200)
            case "PATCH" if isinstance(body, list):
                return self._store_status(path, body)
            case "PATCH":
                return self._store(path, _merged(now, body), 200)
            case "DELETE":
                return web.json_response(self.objects.pop(path))
        return web.json_response(now)

    def _store_status(self, path: str, operations: list[dict[str, Any]]) -> web.Response:
        """The one JSON patch that the operator makes."""
        test, add = operations
        assert (test["op"], test["path"], add["op"], add["path"]) == ("test", "/metadata/uid", "add", "/status")
        if self.objects[path]["metadata"]["uid"] != test["value"]:
            return _failure(422, "Invalid", "the server rejected our request due to an error in our request")
        return self._store(path, {**self.objects[path], "status": add["value"]}, 200)

    def _store(self, path: str, body: dict[str, Any], status: int) -> web.Response:
        stored = copy.deepcopy(body)
        stored["metadata"]["resourceVersion"] = str(next(self._versions))
        self.objects[path] = stored
        return web.json_response(stored, status=status)


@asynccontextmanager
async def serving(*tokens: str, clock: Clock | None = None) -> AsyncIterator[tuple[ApiServer, Api]]:
    """A server, and a client of it that logs in with `tokens` one after another and does not wait."""
    server = ApiServer()
    async with TestServer(server.application) as listening:
        api = client(str(listening.make_url("/")), tokens or ("first",), clock)
        async with api:
            yield server, api


def client(url: str, tokens: Iterable[str] = ("first",), clock: Clock | None = None) -> Api:
    """A client that notes what it was asked to wait, in `waits`, instead of waiting."""
    rest = deque(tokens)
    waits: list[float] = []

    def log_in() -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(server=url, token=rest.popleft() if len(rest) > 1 else rest[0])

    async def note(seconds: float) -> None:
        waits.append(seconds)

    seen: list[tuple[str, int]] = []
    api = Api(
        log_in, clock=clock or SystemClock(), observe=lambda verb, status: seen.append((verb, status)), sleep=note
    )
    api.waits, api.seen = waits, seen  # type: ignore[attr-defined]
    return api


def manual() -> ManualClock:
    """A clock that stands still."""
    return ManualClock(SystemClock().now())


def _merged(before: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(before) if isinstance(before, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged


def _failure(status: int, reason: str, message: str) -> web.Response:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}
    return web.json_response({**body, "code": status}, status=status)
