"""What waits is written once, and nothing that came meanwhile is lost."""

from __future__ import annotations

import threading

import pytest

from reconciler.engine.store.journal import BATCH_AGE, BATCH_ENTRIES, Journal
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
