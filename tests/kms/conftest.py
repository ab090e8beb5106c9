"""The account that most of these tests fill and read: one of the bundled KMS."""

from __future__ import annotations

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kms.port import Kms
from tests.kms.estate import Estate


@pytest.fixture
def estate(engine_client: Kms, clock: ManualClock) -> Estate:
    """An empty account."""
    return Estate(engine_client, clock)
