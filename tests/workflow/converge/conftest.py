"""Fixtures of convergences."""

from __future__ import annotations

import pytest

from tests.workflow.converge.world import World


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "kms")
    yield made
    made.connection.close()
