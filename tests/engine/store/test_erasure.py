"""What is deleted is gone from the disk, and nothing is written to a store that is gone."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsctlError

WEEK = timedelta(days=8)


def materials(engine):
    """Every sealed material by key id."""
    rows = engine._store._database.connection.execute(
        "SELECT k.key_id, m.sealed FROM materials AS m JOIN keys AS k ON k.n = m.key"
    )
    return dict(rows.fetchall())


def on_disk(data, sealed):
    content = b"".join(path.read_bytes() for path in data.iterdir() if path.is_file())
    return {key_id for key_id, text in sealed.items() if text in content}


def doomed(kms, new_key, count=24):
    """Keys of several sizes, every second of which is scheduled for deletion; the ids of those."""
    specs = (
        {},
        {"KeySpec": "ECC_NIST_P521", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
    )
    ids = [new_key(**specs[n % len(specs)])["KeyId"] for n in range(count)]
    for key_id in ids[::2]:
        kms("ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": 7})
    return set(ids[::2])


def test_material_of_a_deleted_key_is_in_no_file_while_the_store_is_open(data, engine, clock, kms, new_key):
    going = doomed(kms, new_key)
    sealed = materials(engine)
    assert on_disk(data, sealed) == sealed.keys()
    clock.advance(WEEK)
    kms("ListKeys", {})
    assert on_disk(data, sealed) == sealed.keys() - going
    engine.close()
    assert on_disk(data, sealed) == sealed.keys() - going


def test_material_that_another_process_still_reads_is_erased_by_the_next_write(data, engine, clock, kms, new_key):
    going = doomed(kms, new_key)
    sealed = materials(engine)
    reader = sqlite3.connect(data / "kms.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM keys").fetchone()
    engine._store._database.connection.execute("PRAGMA busy_timeout = 1")
    clock.advance(WEEK)
    kms("ListKeys", {})
    assert going <= on_disk(data, sealed)
    reader.execute("ROLLBACK")
    reader.close()
    new_key()
    assert not going & on_disk(data, sealed)


def test_a_deleted_key_is_gone_from_memory(engine, clock, kms, new_key):
    key = new_key()["KeyId"]
    kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    assert engine._keyring._cache
    kms("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": 7})
    clock.advance(WEEK)
    kms("ListKeys", {})
    assert not engine._keyring._cache


@pytest.mark.parametrize("operation", ["CreateKey", "ListKeys"])
def test_a_store_that_another_process_reset_is_not_used_any_more(data, clock, engine, kms, new_key, operation):
    new_key()
    with Engine.open(data, clock=clock) as other:
        other.reset()
        with pytest.raises(KmsctlError, match="was removed or replaced"):
            kms(operation, {})
        other.client()("CreateKey", {})
        assert len(other.client()("ListKeys", {})["Keys"]) == 1
    engine._store.discard()
    with Engine.open(data, clock=clock) as again:
        assert len(again.client()("ListKeys", {})["Keys"]) == 1
    engine.reset()


def test_a_public_key_that_was_swapped_in_the_store_is_not_given_out(engine, kms, new_key):
    pair = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
    mine, _ = new_key(**pair), new_key(**pair)
    connection = engine._store._database.connection
    connection.execute("UPDATE materials SET public = (SELECT public FROM materials WHERE key = 2) WHERE key = 1")
    with pytest.raises(KmsctlError, match="does not open"):
        kms("GetPublicKey", {"KeyId": mine["KeyId"]})


def test_a_store_that_was_removed_is_not_used_any_more(data, engine, kms, new_key):
    new_key()
    for path in data.glob("kms.*"):
        path.unlink()
    with pytest.raises(KmsctlError, match="was removed or replaced"):
        kms("CreateKey", {})
    engine.reset()
    assert kms("ListKeys", {})["Keys"] == []
