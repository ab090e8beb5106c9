"""An engine that counts requests."""

from __future__ import annotations

import pytest

from reconciler.engine.engine import Engine


@pytest.fixture
def engine(data, clock):
    with Engine.open(data, clock=clock, quotas="2026") as opened:
        yield opened


@pytest.fixture
def old(data, clock):
    """The same account, as it was in 2021."""
    with Engine.open(data, clock=clock, quotas="2021") as opened:
        yield opened.client()


@pytest.fixture
def allowed():
    """How many calls in one second go through, of so many."""
    from reconciler.kit.errors import KmsError

    def count(client, operation, parameters, tries):
        through = 0
        for _ in range(tries):
            try:
                client(operation, parameters)
            except KmsError as error:
                assert error.code == "ThrottlingException"
            else:
                through += 1
        return through

    return count
