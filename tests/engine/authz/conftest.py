"""Worlds that are closed when their test ends."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from reconciler.engine.engine import Engine
from tests.engine.authz.world import World
from tests.support.people import people


@pytest.fixture
def make_world(data, clock):
    """Open a world with these identities and options of `Engine.open`."""
    with ExitStack() as closing:

        def make(*principals, organizations=None, policies=None, keys=(), **options):
            source = people(*principals, organizations=organizations, policies=policies, keys=keys)
            engine = Engine.open(data, clock=clock, identities=source, **options)
            return World(closing.enter_context(engine))

        yield make
