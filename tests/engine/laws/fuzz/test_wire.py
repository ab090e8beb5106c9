"""Bytes on the wire of a real server: it answers as HTTP or hangs up, tells no insides, and goes on."""

from __future__ import annotations

import json
import socket
import urllib.request
from contextlib import suppress
from random import Random

import pytest

from tests.engine.laws.effort import SEED, SOAK
from tests.engine.laws.fuzz.values import damaged
from tests.support.serving import serving

TRIES = 50 * (SOAK or 1)
GOOD = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: TrentService.GenerateRandom\r\n"
    b"Content-Type: application/x-amz-json-1.1\r\nContent-Length: 19\r\nConnection: close\r\n\r\n"
    b'{"NumberOfBytes":8}'
)
CASES = {
    "nothing": b"",
    "no request": b"\x00" * 200,
    "TLS": bytes.fromhex("1603010200010001fc0303") + bytes(100),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "HTTP/0.9": b"GET /\r\n\r\n",
    "no length that counts": GOOD.replace(b"19", b"-1"),
    "a length beyond all": GOOD.replace(b"19", b"9" * 40),
    "two lengths": GOOD.replace(b"Connection: close", b"Content-Length: 5\r\nConnection: close"),
    "a length and chunks": GOOD.replace(b"Connection: close", b"Transfer-Encoding: chunked\r\nConnection: close"),
    "chunks without end": GOOD.replace(b"Content-Length: 19", b"Transfer-Encoding: chunked") + b"\r\nffffffff\r\nx",
    "a header without end": GOOD.replace(b"localhost", b"a" * 200_000),
    "a thousand headers": GOOD.replace(b"Connection: close", b"".join(b"h%d: x\r\n" % n for n in range(1_000))),
    "a header that is no text": GOOD.replace(b"localhost", b"\xff\xfe\xc0\x80"),
    "a target that is no text": GOOD.replace(b"GenerateRandom", b"\xff\xfe"),
    "the target twice": GOOD.replace(b"Connection: close", b"X-Amz-Target: TrentService.ListKeys\r\nConnection: close"),
    "a path that is no text": GOOD.replace(b"POST /", b"POST /\xff%ff%00"),
    "an absolute path": GOOD.replace(b"POST /", b"POST http://elsewhere/"),
    "a path above": GOOD.replace(b"POST /", b"POST /../../etc/passwd"),
    "authorization that is no text": GOOD.replace(b"Host", b"Authorization: \xff\xed\xa0\x80\r\nHost"),
    "an upgrade": GOOD.replace(b"Connection: close", b"Connection: upgrade\r\nUpgrade: websocket"),
    "a method of its own": GOOD.replace(b"POST", b"BREW"),
    "deep JSON": GOOD.replace(b"Content-Length: 19", b"Content-Length: 900000").partition(b"{")[0] + b"[" * 900_000,
    "half a body": GOOD[:-5],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("wire") / "data") as served:
        yield served


def exchange(served, sent, patience=0.2):
    """What comes back until the server hangs up, or nothing more comes for so many seconds."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        told = b""
        with suppress(OSError):
            connection.sendall(sent)
            connection.settimeout(patience)
            while piece := connection.recv(65_536):
                told += piece
        return told


def expect_sane(told, sent):
    """Nothing, or HTTP that is no fault of the service and has no traceback in it."""
    assert not told or told.startswith(b"HTTP/"), told
    if told:
        status = int(told.split(b" ", 2)[1])
        assert status < 500 or status == 505, (sent[:300], told)
    for word in (b"Traceback", b".py", b'File "', b"Error(", b"sqlite"):
        assert word not in told, told


def expect_service(served):
    with urllib.request.urlopen(f"{served.url}/_kmsctl/health", timeout=10) as response:
        assert json.loads(response.read())["status"] == "ready"


def test_the_request_that_all_others_are_made_of_is_served(server):
    assert b"200 OK" in exchange(server, GOOD, patience=20)


@pytest.mark.parametrize("name", CASES)
def test_what_is_hardly_http_is_refused_and_the_server_goes_on(server, name):
    expect_sane(exchange(server, CASES[name]), CASES[name])
    expect_service(server)


def test_damaged_bytes_are_refused_and_the_server_goes_on(server):
    random = Random(SEED)
    for number in range(TRIES):
        sent = damaged(random, GOOD)
        if number % 3 == 0:
            sent = damaged(random, sent or b"x")
        expect_sane(exchange(server, sent), sent)
    expect_service(server)


def test_the_server_has_said_nothing_of_all_that(tmp_path):
    with serving(tmp_path / "data") as served:
        random = Random(SEED + 1)
        for sent in [*CASES.values(), *(damaged(random, GOOD) for _ in range(20))]:
            exchange(served, sent)
        assert served.stop() == 0
        said = served.process.stderr.read()
    for word in ("Traceback", "this is a bug", ".py", "panicked"):
        assert word not in said, said
