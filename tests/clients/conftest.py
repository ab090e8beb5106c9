"""Servers that real clients talk to, signed; one of each kind for a test process, so each test makes its own keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.world import World, world


@pytest.fixture(scope="session")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Who there is, and a server that knows them."""
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="session")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same, with AWS's quotas of requests."""
    with world(tmp_path_factory.mktemp("throttled"), "--quotas") as made:
        yield made
