"""An engine on a clock that only moves when told to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def engine(data, clock):
    with Engine.open(data, clock=clock) as opened:
        yield opened


@pytest.fixture
def kms(engine):
    return engine.client()


@pytest.fixture
def new_key(kms):
    """Create a key and give its metadata; parameters as for CreateKey."""

    def create(**parameters):
        return kms("CreateKey", parameters)["KeyMetadata"]

    return create


@pytest.fixture
def refused(kms):
    """Call an operation that must fail; the KmsError."""
    from reconciler.kit.errors import KmsError

    def call(operation, client=None, **parameters):
        with pytest.raises(KmsError) as caught:
            (client or kms)(operation, parameters)
        return caught.value

    return call


@pytest.fixture
def one_wrapping_pair(monkeypatch):
    """All imports travel under one wrapping key of 2048 bits: making one takes longer than all the rest."""
    from reconciler.engine.crypto import wrapping

    pair = wrapping.generate("RSA_2048")
    monkeypatch.setattr(wrapping, "generate", lambda _: pair)
