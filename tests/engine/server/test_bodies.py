"""How bodies and headers come in by RSGI: whole, in chunks, too large, too late; and how a worker ends."""

from __future__ import annotations

import asyncio
import json

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.server.application import Application
from reconciler.engine.server.authentication import anyone
from reconciler.engine.server.limits import BODY_TIMEOUT, MAX_BODY
from reconciler.kit.errors import KmsctlError


class Connection:
    """Granian's protocol object, as the server uses it."""

    def __init__(self, chunks, *, hang=False, fail=False):
        self.chunks, self.hang, self.fail, self.sent = chunks, hang, fail, None

    async def __call__(self):
        if self.hang:
            await asyncio.get_running_loop().create_future()
        if self.fail:
            raise RuntimeError("closed")
        return b"".join(self.chunks)

    async def __aiter__(self):
        for chunk in self.chunks:
            yield chunk

    def response_bytes(self, status, headers, body):
        self.sent = (status, headers, body)


class Headers:
    def __init__(self, items):
        self.listed = items

    def items(self):
        return self.listed


class Scope:
    method, path, query_string, client, scheme = "POST", "/", "", "127.0.0.1:5000", "http"

    def __init__(self, *headers):
        self.headers = Headers([("x-amz-target", "TrentService.ListKeys"), *headers])


def served(application, scope, connection):
    asyncio.run(application.__rsgi__(scope, connection))
    status, _, body = connection.sent
    return status, json.loads(body).get("__type")


def test_a_body_comes_whole_or_in_chunks(application):
    assert served(application, Scope(("content-length", "2")), Connection([b"{}"])) == (200, None)
    assert served(application, Scope(), Connection([b"{", b"}"])) == (200, None)
    assert served(application, Scope(("content-length", "0")), Connection([])) == (400, "SerializationException")


@pytest.mark.parametrize("length", [str(MAX_BODY + 1), "9" * 30, "-1", "x", "²"])
def test_a_body_that_is_declared_too_large_is_not_read(application, length):
    assert served(application, Scope(("content-length", length)), Connection([b"{}"])) == (413, "RequestEntityTooLarge")


def test_a_body_that_becomes_too_large_is_not_read_on(application):
    chunks = [bytes(MAX_BODY // 2)] * 3
    assert served(application, Scope(), Connection(chunks)) == (413, "RequestEntityTooLarge")


def test_a_body_that_breaks_off_is_told(application):
    assert served(application, Scope(("content-length", "9")), Connection([], fail=True)) == (400, "IncompleteBody")


def test_headers_that_come_twice_are_joined(application):
    twice = Scope(("content-length", "2"), ("x-amz-target", "TrentService.ListKeys"))
    assert served(application, twice, Connection([b"{}"])) == (400, "UnknownOperationException")


def test_a_body_that_does_not_come_is_given_up(engine):
    times = iter((0.0, BODY_TIMEOUT - 1, BODY_TIMEOUT + 1, BODY_TIMEOUT + 2))
    application = Application(engine, anyone, now=lambda: next(times))
    connection = Connection([], hang=True)

    async def wait():
        loop = asyncio.get_running_loop()
        request = asyncio.create_task(application.__rsgi__(Scope(("content-length", "2")), connection))
        await asyncio.sleep(0)
        application._tick(loop)
        await asyncio.sleep(0)
        assert not request.done()
        application._tick(loop)
        application._tick(loop)
        await request
        application._timer.cancel()

    asyncio.run(wait())
    assert connection.sent[0] == 408


def test_a_request_that_is_cancelled_otherwise_is_cancelled(application):
    async def cancel():
        request = asyncio.create_task(application.__rsgi__(Scope(("content-length", "2")), Connection([], hang=True)))
        await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request

    asyncio.run(cancel())


def test_a_worker_closes_the_engine_when_it_stops(tmp_path):
    opened = Engine.open(tmp_path / "data")
    application = Application(opened, anyone, now=lambda: 0.0)

    async def live():
        loop = asyncio.get_running_loop()
        application.__rsgi_init__(loop)
        application._tick(loop)
        application.__rsgi_del__(loop)

    asyncio.run(live())
    with pytest.raises(KmsctlError):
        opened.client()("ListKeys", {})
