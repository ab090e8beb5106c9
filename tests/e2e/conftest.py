"""One real cluster for all end-to-end tests of a run, and a namespace of one's own for each."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.e2e.cluster.cluster import Cluster

HERE = Path(__file__).parent
PREFIX = "tests/e2e"
WITH_SERVICES = frozenset({"admission", "delivery", "security", "test_cluster.py"})
"""Folders whose webhooks listen where a Service has its address. Two clusters give the same addresses away: these run
in one process, and have one cluster."""
LONGEST_FIRST = ("faults", "services", "controller", "crds", "health")
"""What takes minutes, begun before the rest: whoever began one of them last would be waited for by the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder `e2e`, and have the longest folders begin first."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """When its folder begins; `make e2e` tells xdist to leave it at that."""
    group = group_of(item.nodeid) if HERE in item.path.parents else ""
    return LONGEST_FIRST.index(group) if group in LONGEST_FIRST else len(LONGEST_FIRST)


def group_of(nodeid: str) -> str:
    """The folder of a test, or what several of them are together."""
    folder = PurePosixPath(nodeid.partition("::")[0]).relative_to(PREFIX).parts[0]
    return "services" if folder in WITH_SERVICES else folder


class ByFolder(LoadScopeScheduling):
    """Has all tests of a folder run in one process, which starts their operator and KMS once, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)  # `make e2e-soak` does without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    """Tests of this folder run by themselves alone: nothing else is collected with them in several processes."""
    return ByFolder(config, log)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster of the run. What a test changes outside of its namespace it puts back."""
    with Cluster.start() as running:
        yield running


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """The name of a namespace that nobody else uses. It is deleted after the test, which does not wait for that."""
    name = f"e2e-{secrets.token_hex(4)}"
    cluster.kubectl("create", "namespace", name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")
