"""The deletion of a primary key waits for its replicas.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.kit.errors import KmsError

AWAY, FAR = "eu-west-1", "ap-southeast-2"
WEEK = timedelta(days=7)


@pytest.fixture
def away(engine):
    return engine.client(region=AWAY)


@pytest.fixture
def far(engine):
    return engine.client(region=FAR)


@pytest.fixture
def key(kms, new_key):
    key = new_key(MultiRegion=True)["KeyId"]
    for region in (AWAY, FAR):
        kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": region})
    return key


def describe(client, key):
    return client("DescribeKey", {"KeyId": key})["KeyMetadata"]


def state(client, key):
    return describe(client, key)["KeyState"]


def schedule(client, key, days=7):
    return client("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": days})


def test_a_primary_with_replicas_waits_for_them_without_a_date(kms, away, far, key, refused, clock):
    arn = describe(kms, key)["Arn"]
    assert schedule(kms, key, 9) == {"KeyId": arn, "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": 9}
    metadata = describe(kms, key)
    assert metadata["PendingDeletionWindowInDays"] == 9
    assert "DeletionDate" not in metadata
    error = refused("Encrypt", KeyId=key, Plaintext=b"x")
    assert (error.code, error.message) == ("KMSInvalidStateException", f"{arn} is pending replica deletion.")
    assert refused("ReplicateKey", KeyId=key, ReplicaRegion="eu-west-2").code == "KMSInvalidStateException"
    clock.advance(timedelta(days=400))
    assert state(kms, key) == "PendingReplicaDeletion"
    assert [state(client, key) for client in (away, far)] == ["Enabled"] * 2


def test_the_window_of_the_primary_begins_when_the_last_replica_is_gone(kms, away, far, key, clock, engine):
    began = clock.now()
    for client, days in ((kms, 7), (away, 7), (far, 10)):
        schedule(client, key, days)
    clock.advance(WEEK)
    assert state(kms, key) == "PendingReplicaDeletion"
    clock.advance(timedelta(days=3))
    metadata = describe(kms, key)
    assert (metadata["KeyState"], metadata["DeletionDate"]) == ("PendingDeletion", began + timedelta(days=17))
    assert "PendingDeletionWindowInDays" not in metadata
    clock.advance(WEEK)
    assert kms("ListKeys", {})["Keys"] == []
    deletions = [(event["awsRegion"], event["eventTime"][:10]) for event in engine.events(name="DeleteKey")]
    assert deletions == [(AWAY, "2026-01-08"), (FAR, "2026-01-11"), ("us-east-1", "2026-01-18")]


def test_all_of_it_happens_on_its_dates_however_late_somebody_looks(kms, away, far, key, clock, engine):
    for client in (kms, away, far):
        schedule(client, key)
    clock.advance(timedelta(days=100))
    deletions = [(event["awsRegion"], event["eventTime"][:10]) for event in engine.events(name="DeleteKey")]
    assert deletions == [(AWAY, "2026-01-08"), (FAR, "2026-01-08"), ("us-east-1", "2026-01-15")]


@pytest.mark.parametrize("days", [0, 8], ids=["while it waits for replicas", "in its window"])
def test_the_deletion_of_a_primary_can_be_cancelled(kms, away, far, key, clock, days):
    schedule(kms, key)
    if days:
        schedule(away, key)
        schedule(far, key)
    clock.advance(timedelta(days=days))
    kms("CancelKeyDeletion", {"KeyId": key})
    metadata = describe(kms, key)
    assert metadata["KeyState"] == "Disabled"
    assert not {"DeletionDate", "PendingDeletionWindowInDays"} & metadata.keys()
    clock.advance(timedelta(days=60))
    assert state(kms, key) == "Disabled"


def test_a_replica_whose_deletion_was_cancelled_holds_the_primary(kms, away, far, key, clock):
    for client in (kms, away, far):
        schedule(client, key)
    far("CancelKeyDeletion", {"KeyId": key})
    clock.advance(timedelta(days=30))
    assert (state(kms, key), state(far, key)) == ("PendingReplicaDeletion", "Disabled")


def test_the_primary_can_be_handed_over_instead(kms, away, far, key, clock):
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": AWAY})
    assert schedule(kms, key)["KeyState"] == "PendingDeletion"
    clock.advance(WEEK)
    with pytest.raises(KmsError, match="does not exist"):
        describe(kms, key)
    assert away("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
    away("ReplicateKey", {"KeyId": key, "ReplicaRegion": "us-east-1"})
    assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"


def test_a_primary_that_awaits_deletion_does_not_rotate(kms, away, far, key, clock):
    kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    schedule(kms, key)
    clock.advance(timedelta(days=200))
    assert kms("GetKeyRotationStatus", {"KeyId": key})["KeyRotationEnabled"] is False
    assert away("GetKeyRotationStatus", {"KeyId": key})["KeyRotationEnabled"] is True
    assert away("ListKeyRotations", {"KeyId": key})["Rotations"] == []
