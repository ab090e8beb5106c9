"""Stories of the whole operator."""

from __future__ import annotations

import pytest

from tests.controller.support.world import play


@pytest.fixture
def told(tmp_path):
    """Tells a story."""
    return lambda story, **more: play(tmp_path / "kms", story, **more)
