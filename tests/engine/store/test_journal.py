"""What waits is written once, and nothing that came meanwhile is lost."""

from __future__ import annotations

import threading

import pytest

from reconciler.engine.store import journal as journal_module
from reconciler.engine.store.journal import BATCH_AGE, BATCH_ENTRIES, Journal
from reconciler.kit.errors import KmsctlError
from tests.engine.store.entries import entry


@pytest.fixture
def journal():
    return Journal()


def test_what_is_added_after_the_take_goes_on_waiting(journal):
    journal.add(entry(1))
    taken = journal.take()
    journal.add(entry(2))
    journal.forget_written()
    assert [one.time for one in taken] == [1]
    assert [one.time for one in journal.take()] == [2]


def test_what_was_taken_and_not_written_is_taken_again(journal):
    journal.add(entry(1))
    journal.take()
    journal.add(entry(2))
    assert [one.time for one in journal.take()] == [1, 2]
    journal.forget_written()
    journal.forget_written()
    assert len(journal) == 0


@pytest.mark.parametrize(
    ("count", "age", "overdue"),
    [(0, 0, False), (1, BATCH_AGE - 1, False), (1, BATCH_AGE, True), (BATCH_ENTRIES, 0, True)],
    ids=["nothing", "young", "old", "many"],
)
def test_a_batch_is_written_when_it_is_old_or_long(journal, count, age, overdue):
    for _ in range(count):
        journal.add(entry(0))
    assert journal.overdue(age) is overdue


def test_the_last_use_of_a_key_is_known_while_it_waits(journal):
    for time in range(3):
        journal.add(entry(time, used=((time % 2, "Encrypt"),)))
    assert [journal.last_used(key) for key in range(3)] == [2, 1, None]


def test_a_store_that_cannot_be_written_lets_no_more_wait_than_memory_should_hold(monkeypatch, engine, kms, new_key):
    monkeypatch.setattr(journal_module, "BATCH_ENTRIES", 3)
    monkeypatch.setattr(journal_module, "MOST", 6)
    key = new_key()["KeyId"]
    connection = engine._store._database.connection
    connection.execute("PRAGMA query_only = ON")
    outcomes = []
    for _ in range(20):
        try:
            outcomes.append(kms("DescribeKey", {"KeyId": key}))
        except KmsctlError as error:
            outcomes.append(error.what)
    assert len(engine._store._journal) == 6
    assert "may not be written" in outcomes[-1]
    connection.execute("PRAGMA query_only = OFF")
    assert kms("DescribeKey", {"KeyId": key})


def test_threads_that_add_while_others_write_lose_nothing(engine, kms, new_key):
    key = new_key()["KeyId"]
    done = threading.Event()

    def write():
        while not done.is_set():
            engine._store.flush()

    writer = threading.Thread(target=write)
    readers = [
        threading.Thread(target=lambda: [kms("DescribeKey", {"KeyId": key}) for _ in range(200)]) for _ in range(4)
    ]
    for thread in (writer, *readers):
        thread.start()
    for thread in readers:
        thread.join()
    done.set()
    writer.join()
    assert [event["eventName"] for event in engine.events()].count("DescribeKey") == 800
