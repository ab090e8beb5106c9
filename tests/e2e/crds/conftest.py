"""The definitions are there for all tests of this folder, on a cluster where nobody acts on objects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.crds.definitions import installed


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Its own: on that of the run operators may be at work."""
    with Cluster.start() as running:
        yield running


@pytest.fixture(scope="package", autouse=True)
def crds(cluster: Cluster) -> Iterator[None]:
    """Established definitions."""
    with installed(cluster):
        yield
