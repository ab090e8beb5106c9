"""Listening, in this process: who may listen where, and from the ready line to the stop."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import sys
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.server.application import Application
from reconciler.engine.server.listen import application, reserve, serve, url_of
from reconciler.engine.server.settings import Auth, Settings, Tls
from reconciler.engine.server.signed import Signed
from reconciler.kit.errors import KmsctlError, Refused


@pytest.fixture
def signals():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="later Pythons warn of granian's forks beside threads")
def test_it_says_when_it_answers_and_returns_when_it_is_told_to_stop(tmp_path, signals):
    told = []

    def ready(url):
        told.append(url)
        with urllib.request.urlopen(f"{url}/_kmsctl/health") as answer:
            told.append(answer.status)
        os.kill(os.getpid(), signal.SIGTERM)

    serve(Settings(port=0), partial(Engine.open, tmp_path / "data"), ready)
    assert told[0].startswith("http://127.0.0.1:")
    assert told[1] == 200


def test_a_store_that_cannot_be_used_is_told_before_anybody_listens(tmp_path):
    def no_engine():
        raise KmsctlError("the store is damaged")

    with pytest.raises(KmsctlError, match="damaged"):
        serve(Settings(port=0), no_engine, print)


def test_a_certificate_is_looked_at_before_anybody_listens(tmp_path):
    settings = Settings(port=0, tls=Tls(tmp_path / "cert.pem", tmp_path / "key.pem"))
    with pytest.raises(KmsctlError, match="certificate"):
        serve(settings, partial(Engine.open, tmp_path / "data"), print)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "169.254.1.1"])
def test_only_signatures_open_the_door_to_other_machines(host):
    with pytest.raises(Refused, match="without authentication"):
        reserve(Settings(host=host, port=0))
    with pytest.raises(Refused, match="--allow-reset"):
        reserve(Settings(host=host, port=0, auth=Auth.SIGV4, allow_reset=True))


def test_with_signatures_it_listens_anywhere():
    with reserve(Settings(host="0.0.0.0", port=0, auth=Auth.SIGV4)) as held:
        assert held.getsockname()[1] > 0


def test_an_address_where_somebody_listens_is_refused_and_one_is_shared_with_the_workers():
    with reserve(Settings(port=0)) as held:
        port = held.getsockname()[1]
        with socket.socket() as worker:
            worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            worker.bind(("127.0.0.1", port))
            worker.listen()
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            with pytest.raises(KmsctlError, match="cannot listen"):
                reserve(Settings(port=port))


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (Settings(), "http://127.0.0.1:5"),
        (Settings(host="::1"), "http://[::1]:5"),
        (Settings(host="localhost", tls=Tls(Path("c"), Path("k"))), "https://localhost:5"),
    ],
)
def test_the_url_is_one_that_clients_take(settings, url):
    assert url_of(settings, 5) == url


@pytest.mark.parametrize("auth", Auth)
def test_a_worker_opens_its_own_engine(tmp_path, auth):
    opening = pickle.loads(pickle.dumps(partial(Engine.open, tmp_path / "data")))
    made = application(Settings(auth=auth), opening)
    assert isinstance(made, Application)
    assert isinstance(made._authenticate, Signed) == (auth is Auth.SIGV4)
    made.__rsgi_del__(None)
