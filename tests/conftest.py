"""The two peers that tests of more than one package talk to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kms.port import Kms
from tests.support import moto


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves when it is told to."""
    return ManualClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


@pytest.fixture
def engine_client(tmp_path: Path, clock: ManualClock) -> Iterator[Kms]:
    """The bundled KMS in process, empty, on `clock`."""
    from reconciler.engine.engine import Engine

    with Engine.open(tmp_path / "engine", clock=clock) as engine:
        yield engine.client()


@pytest.fixture(scope="session")
def moto_process() -> Iterator[str]:
    """The endpoint URL of the one moto server of the run."""
    with moto.moto_server() as endpoint:
        yield endpoint


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment with fake AWS credentials and no configuration."""
    moto.fake_aws(monkeypatch, tmp_path)


@pytest.fixture
def moto_endpoint(moto_process: str, aws_environment: None) -> str:
    """The endpoint URL of an empty moto server; tests that use it are marked `moto`."""
    moto.reset(moto_process)
    return moto_process
