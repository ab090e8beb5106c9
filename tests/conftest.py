"""How all tests run, and the two peers that tests of more than one package talk to."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kms.port import Kms
from tests.support import chance, moto, scratch

chance.settle()
scratch.in_memory()

REPEATING = ("tests/engine/laws/", "tests/workflow/permissions/")
"""Folders of tests that do the same again and again, with a little changed."""
WHOLE = tuple(
    f"tests/{name}/" for name in ("clients", "docs", "examples", "operator_delivery", "scenarios", "security")
)
"""Folders of tests of the whole: what they reach, the tests of its own package reach."""
_SEVERAL = re.compile(r"frozenset\(\{[^})]*,")
"""A set of more than one in the name of a test."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is of examples that somebody wrote: generated ones cover by chance, and take twice as long for it."""
    for item in items:
        if item.get_closest_marker("hypothesis") or item.nodeid.startswith((*REPEATING, *WHOLE)):
            item.add_marker("no_cover")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse names that differ from process to process: those that share a run must have collected the same."""
    if _SEVERAL.search(item.nodeid):
        raise pytest.UsageError(f"{item.nodeid} is named after a set, which has no order: say `ids`")


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what was collected: more than ten thousand tests, until the end."""
    gc.collect()
    gc.freeze()


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
