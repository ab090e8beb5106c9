"""A bundled KMS to rehearse on copies of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rehearsing import Theatre


@pytest.fixture
def theatre(tmp_path: Path) -> Theatre:
    """An empty one."""
    return Theatre(tmp_path / "kms")
