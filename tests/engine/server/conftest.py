"""Servers in processes of their own, and the application without a socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.server.application import Application
from reconciler.engine.server.authentication import anyone
from tests.support.serving import Served, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server of the run: two processes, nobody authenticated. Tests share it, so each makes its own keys."""
    with serving(tmp_path_factory.mktemp("served") / "data", "--allow-reset", workers=2) as served:
        yield served


@pytest.fixture
def kms(server: Served):
    """A boto3 client of it."""
    return server.client()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine for the tests of one file."""
    with Engine.open(tmp_path_factory.mktemp("application") / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def application(engine: Engine) -> Application:
    """The application without a socket; nobody is authenticated."""
    return Application(engine, anyone, allow_reset=True, now=lambda: 0.0)
