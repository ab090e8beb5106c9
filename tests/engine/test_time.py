"""The engine's time, moved forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsctlError


def test_rotations_happen_at_their_instants(engine, kms, new_key, clock):
    key = new_key()["KeyId"]
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 180})
    start = clock.now()
    engine.advance(timedelta(days=400))
    rotations = kms("ListKeyRotations", {"KeyId": key})["Rotations"]
    assert [rotation["RotationDate"] - start for rotation in rotations] == [timedelta(days=180), timedelta(days=360)]
    due = kms("GetKeyRotationStatus", {"KeyId": key})["NextRotationDate"]
    assert due == start + timedelta(days=540)


def test_a_waiting_period_ends(engine, kms, new_key, refused):
    key = new_key()["KeyId"]
    kms("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": 7})
    engine.advance(timedelta(days=6, hours=23))
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"] == "PendingDeletion"
    engine.advance(timedelta(hours=1))
    assert refused("DescribeKey", KeyId=key).code == "NotFoundException"


def test_what_happened_is_in_the_record_with_its_time(engine, kms, new_key):
    kms("EnableKeyRotation", {"KeyId": new_key()["KeyId"], "RotationPeriodInDays": 90})
    engine.advance(timedelta(days=100))
    (event,) = engine.events(name="RotateKey")
    assert event["eventTime"] == "2026-04-01T00:00:00Z"


def test_time_is_the_stores_for_every_engine_and_every_later_one(engine, data, clock, new_key):
    with Engine.open(data, clock=clock) as other:
        assert other.now() == clock.now()
        engine.advance(timedelta(days=1, microseconds=1))
        engine.advance(timedelta(days=1))
        assert other.now() == clock.now() + timedelta(days=2, microseconds=1)
        made = other.client()("CreateKey", {})["KeyMetadata"]
        assert made["CreationDate"] == other.now()
    clock.advance(timedelta(seconds=1))
    with Engine.open(data, clock=clock) as later:
        assert later.now() == clock.now() + timedelta(days=2, microseconds=1)


@pytest.mark.parametrize("by", [timedelta(), -timedelta(days=1)])
def test_time_never_goes_back(engine, by):
    with pytest.raises(KmsctlError, match="cannot be moved back"):
        engine.advance(by)


def test_time_ends_with_the_calendar(engine):
    engine.advance(datetime(8999, 12, 31, tzinfo=UTC) - engine.now())
    with pytest.raises(KmsctlError, match="so far"):
        engine.advance(timedelta(days=2))


def test_a_reset_puts_the_time_back(engine, clock):
    engine.advance(timedelta(days=1))
    engine.reset()
    assert engine.now() == clock.now()
