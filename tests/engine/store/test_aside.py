"""The record of a server is written by a thread of its own, in the same order and as completely as by who calls."""

from __future__ import annotations

import threading

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.store.events import EventFilter
from reconciler.engine.store.journal import BATCH_ENTRIES
from reconciler.kit.errors import KmsctlError


@pytest.fixture
def aside(engine):
    engine.write_record_aside()
    return engine


def names(engine):
    return [event["eventName"] for event in engine.events()]


def waiting(engine):
    return len(engine._store._journal)


def come_to_rest(engine):
    """Wait until nothing waits to be written."""
    for _ in range(1_000):
        if not waiting(engine):
            return
        threading.Event().wait(0.01)
    raise AssertionError("it was not written")


def test_a_batch_is_written_without_who_calls(aside, kms):
    key = kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    for _ in range(BATCH_ENTRIES):
        kms("DescribeKey", {"KeyId": key})
    come_to_rest(aside)
    assert names(aside) == ["CreateKey", *["DescribeKey"] * BATCH_ENTRIES]


def test_the_last_use_of_a_key_is_written_with_it(aside, kms, data, clock):
    key = kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    aside._store._flush_aside()
    with Engine.open(data, clock=clock) as other:
        assert other.client()("GetKeyLastUsage", {"KeyId": key})["KeyLastUsage"]["Operation"] == "Encrypt"


def test_what_a_mutation_took_along_is_written_once(aside, kms, monkeypatch):
    kms("ListKeys", {})
    real = aside._store._journal.waiting

    def overtaken():
        seen = real()
        kms("CreateKey", {})
        return seen

    monkeypatch.setattr(aside._store._journal, "waiting", overtaken)
    aside._store._flush_aside()
    assert names(aside) == ["ListKeys", "CreateKey"]


def test_what_was_cleared_elsewhere_is_not_written(aside, kms, data, clock):
    kms("ListKeys", {})
    with Engine.open(data, clock=clock) as other:
        other.clear()
        aside._store._flush_aside()
        assert other.written(EventFilter(), 0) == (0, [])
    assert names(aside) == []


def test_nothing_waits_and_nothing_is_written(aside):
    aside._store._flush_aside()
    assert aside.written(EventFilter(), 0) == (0, [])


def test_callers_and_the_writing_thread_lose_nothing_and_write_nothing_twice(aside, kms, new_key):
    key = new_key()["KeyId"]
    done = threading.Event()

    def write():
        while not done.is_set():
            aside._store._flush_aside()

    def call():
        for number in range(150):
            kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})
            if number % 15 == 0:
                kms("UpdateKeyDescription", {"KeyId": key, "Description": str(number)})

    threads = [threading.Thread(target=call) for _ in range(3)]
    writer = threading.Thread(target=write)
    for thread in (writer, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    writer.join()
    told = names(aside)
    assert {name: told.count(name) for name in set(told)} == {
        "CreateKey": 1,
        "Encrypt": 450,
        "UpdateKeyDescription": 30,
    }


def test_a_store_that_cannot_be_written_keeps_what_waits(aside, kms):
    kms("ListKeys", {})
    connection = aside._store._database.connection
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON segments BEGIN SELECT RAISE(ABORT, 'no room'); END")

    with pytest.raises(KmsctlError):
        aside._store._flush_aside()
    assert waiting(aside) == 1
    connection.execute("DROP TRIGGER full")
    assert names(aside) == ["ListKeys"]
