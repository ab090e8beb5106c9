"""One real cluster for all end-to-end tests of a run, and a namespace of one's own for each."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cluster.cluster import Cluster

HERE = Path(__file__).parent
WITH_SERVICES = frozenset({"admission", "delivery", "security", "test_cluster.py"})
"""Folders whose webhooks listen where a Service has its address. Two clusters give the same addresses away: these run
in one process, and have one cluster."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder `e2e`, and with the group that it runs in when several processes share the work.

    A folder is one group: it starts its operator and KMS once.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            folder = item.path.relative_to(HERE).parts[0]
            item.add_marker(pytest.mark.xdist_group("services" if folder in WITH_SERVICES else folder))


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
