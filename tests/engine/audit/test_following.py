"""Following the audit record while processes write to it."""

from __future__ import annotations

import threading

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.store.events import EventFilter
from reconciler.engine.store.flusher import Flusher
from reconciler.kit.errors import KmsctlError

ANY = EventFilter()


def names(events):
    return [event["eventName"] for event in events]


def test_what_is_written_is_read_once_in_order(engine, kms):
    kms("CreateKey", {})
    kms("ListKeys", {})
    place, events = engine.written(ANY, 0)
    assert names(events) == ["CreateKey", "ListKeys"]
    assert engine.written(ANY, place) == (place, [])
    kms("ListAliases", {})
    assert names(engine.written(ANY, place)[1]) == ["ListAliases"]


def test_what_another_engine_writes_late_is_not_missed(engine, data, clock, kms):
    from datetime import timedelta

    with Engine.open(data, clock=clock) as other:
        other.client()("ListKeys", {})
        clock.advance(timedelta(minutes=5))
        kms("ListAliases", {})
        place, events = engine.written(ANY, 0)
        assert names(events) == ["ListAliases"]
    assert names(engine.written(ANY, place)[1]) == ["ListKeys"]


def test_a_filter_narrows_what_is_followed(engine, kms, refused):
    kms("CreateKey", {})
    refused("DescribeKey", KeyId="alias/none")
    place, events = engine.written(EventFilter(equal={"name": "DescribeKey"}), 0)
    assert [event["errorCode"] for event in events] == ["NotFoundException"]
    assert engine.written(ANY, place)[1] == []


def test_following_goes_on_after_the_record_was_cleared(engine, kms):
    for _ in range(3):
        kms("CreateKey", {})
    place, _ = engine.written(ANY, 0)
    engine.reset()
    place, events = engine.written(ANY, place)
    assert (place, events) == (0, [])


def test_what_waits_is_written_without_another_call():
    written = threading.Event()
    flusher = Flusher(written.set, delay=0.01)
    flusher.wake()
    assert written.wait(timeout=10)
    flusher.close()


def test_a_store_that_cannot_be_used_does_not_end_the_writing():
    tried = threading.Semaphore(0)

    def fail():
        tried.release()
        raise KmsctlError("gone")

    flusher = Flusher(fail, delay=0.01)
    for _ in range(2):
        flusher.wake()
        assert tried.acquire(timeout=10)
    flusher.close()


def test_what_could_not_be_written_is_tried_again_without_another_call():
    outcomes = iter([KmsctlError("full"), KmsctlError("full"), None])
    seen, done = [], threading.Event()

    def write():
        seen.append(flusher.trouble and flusher.trouble.what)
        error = next(outcomes)
        if error is not None:
            raise error
        done.set()

    flusher = Flusher(write, delay=0.01)
    flusher.wake()
    assert done.wait(timeout=10)
    flusher.close()
    assert (seen, flusher.trouble) == ([None, "full", "full"], None)


@pytest.mark.parametrize("woken", [True, False])
def test_closing_waits_for_nothing(woken):
    flusher = Flusher(lambda: None, delay=3600)
    if woken:
        flusher.wake()
    flusher.close()
