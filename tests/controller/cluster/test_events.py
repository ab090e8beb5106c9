"""Events, over an API in memory."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.events import Recorder
from reconciler.controller.cluster.refs import ObjectRef
from reconciler.kit.clock import ManualClock
from tests.controller.cluster.memory import MemoryApi

ORDERS = ObjectRef("Key", "shop", "orders")
EVENTS = "/apis/events.k8s.io/v1/namespaces/shop/events"


@dataclass(frozen=True)
class Event:
    type: str = "Normal"
    reason: str = "Created"
    message: str = "created key 1234"


class Scripted(MemoryApi):
    """Fails as its script says, a request each; None takes effect, `lost` takes effect without an answer."""

    script: tuple = ()

    async def _ask(self, verb, path, act):
        error, self.script = (self.script[0], self.script[1:]) if self.script else (None, ())
        if error == "lost":
            await super()._ask(verb, path, act)
            raise ApiError(0, "Unreachable", "no answer")
        if error is not None:
            self.requests.append((verb, path))
            raise error
        return await super()._ask(verb, path, act)


class Stage:
    """A recorder and what it wrote."""

    def __init__(self):
        self.api = Scripted({})
        self.clock = ManualClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
        self.waits = []
        self.recorder = Recorder(self.api, "kms.reconciler.dev/op", "pod-1", clock=self.clock, sleep=self.wait)

    async def wait(self, seconds):
        self.waits.append(seconds)

    def tell(self, *events, ref=ORDERS, uid="u-1"):
        self.recorder.tell(ref, uid, events or [Event()])

    async def told(self):
        """What is in the cluster once everything is told."""
        await self.recorder.stop()
        return list(self.api.objects.values())


def play(story):
    """What `story(stage)` returns."""

    async def run():
        return await story(Stage())

    return asyncio.run(run())


def test_an_event_says_what_happened_to_which_object_and_who_tells():
    async def story(stage):
        stage.tell()
        return await stage.told()

    (event,) = play(story)
    assert re.fullmatch(r"orders\.[0-9a-f]{16}", event["metadata"].pop("name"))
    event["metadata"].pop("resourceVersion")
    assert event == {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"namespace": "shop"},
        "eventTime": "2026-11-22T12:00:00.000000Z",
        "action": "Reconcile",
        "type": "Normal",
        "reason": "Created",
        "note": "created key 1234",
        "regarding": {
            "apiVersion": "kms.reconciler.dev/v1alpha1",
            "kind": "Key",
            "name": "orders",
            "namespace": "shop",
            "uid": "u-1",
        },
        "reportingController": "kms.reconciler.dev/op",
        "reportingInstance": "pod-1",
    }


def test_an_event_is_a_line_of_the_log_too(caplog):
    async def story(stage):
        with caplog.at_level(logging.INFO):
            stage.tell(Event(), Event("Warning", "Failed", "no permission"))
        return await stage.told()

    play(story)
    told = [(record.levelname, record.message) for record in caplog.records if record.name.endswith("events")]
    assert told == [("INFO", "Created: created key 1234"), ("WARNING", "Failed: no permission")]


def test_an_event_of_what_is_in_no_namespace_is_in_default():
    async def story(stage):
        stage.tell(ref=ObjectRef("Target", "", "prod"))
        return await stage.told()

    (event,) = play(story)
    assert event["metadata"]["namespace"] == "default"
    assert "namespace" not in event["regarding"]


def test_similar_events_become_one_with_a_count():
    async def story(stage):
        for _ in range(3):
            stage.tell()
            await asyncio.sleep(0)
        stage.clock.advance(timedelta(minutes=9))
        stage.tell()
        return await stage.told()

    (event,) = play(story)
    assert event["series"] == {"count": 4, "lastObservedTime": "2026-11-22T12:09:00.000000Z"}
    assert event["note"] == "created key 1234"


@pytest.mark.parametrize(
    "other",
    [{"events": (Event(message="created key 5678"),)}, {"uid": "u-2"}, {"events": (Event(type="Warning"),)}],
    ids=["another message", "another object of that name", "another type"],
)
def test_events_that_differ_are_told_apart(other):
    async def story(stage):
        stage.tell()
        stage.recorder.tell(ORDERS, other.get("uid", "u-1"), other.get("events", (Event(),)))
        return await stage.told()

    assert len(play(story)) == 2


def test_a_series_ends_when_nothing_like_it_happened_for_ten_minutes():
    async def story(stage):
        stage.tell()
        await stage.recorder._queue.join()
        stage.clock.advance(timedelta(minutes=11))
        stage.tell()
        return await stage.told()

    assert len(play(story)) == 2


def test_an_event_that_the_cluster_has_forgotten_is_told_anew():
    async def story(stage):
        stage.tell()
        await stage.recorder._queue.join()
        stage.api.objects.clear()
        stage.tell()
        return await stage.told()

    (event,) = play(story)
    assert "series" not in event


def test_an_object_that_tells_too_much_is_heard_less():
    async def story(stage):
        for number in range(100):
            stage.tell(Event(message=f"failed {number}"))
        stage.tell(ref=ObjectRef("Key", "shop", "other"))
        await stage.recorder._queue.join()
        soon = len(stage.api.objects)
        stage.clock.advance(timedelta(minutes=2, seconds=1))
        for number in range(100):
            stage.tell(Event(message=f"failed again {number}"))
        return soon, len(await stage.told())

    assert play(story) == (21, 23)


def test_an_event_waits_for_an_api_server_that_is_gone_for_a_moment():
    async def story(stage):
        stage.api.script = (ApiError(0, "Unreachable", "x"), ApiError(503, "ServiceUnavailable", "x"))
        stage.tell()
        return len(await stage.told()), stage.waits

    assert play(story) == (1, [5.0, 5.0])


def test_an_event_whose_answer_was_lost_is_told_once():
    async def story(stage):
        stage.api.script = ("lost",)
        stage.tell()
        return await stage.told()

    assert len(play(story)) == 1


@pytest.mark.parametrize(
    "error",
    [ApiError(403, "Forbidden", "no"), RuntimeError("secret")],
    ids=["forbidden", "a fault"],
)
def test_an_event_that_cannot_be_told_is_lost_and_the_next_one_is_not(error, caplog):
    async def story(stage):
        stage.api.script = (error,)
        stage.tell()
        stage.tell(Event(message="the next"))
        return await stage.told()

    (event,) = play(story)
    assert event["note"] == "the next"
    assert "an event of Key shop/orders is lost" in caplog.text
    assert "secret" not in caplog.text


def test_no_event_in_a_namespace_that_is_on_its_way_out_is_nobodys_fault(caplog):
    async def story(stage):
        told = "unable to create new content in namespace shop because it is being terminated"
        stage.api.script = (ApiError(403, "Forbidden", told),)
        stage.tell()
        return await stage.told()

    with caplog.at_level(logging.DEBUG):
        assert play(story) == []
    (line,) = (record for record in caplog.records if "is lost" in record.message)
    assert line.levelno == logging.DEBUG


def test_a_series_that_cannot_be_continued_starts_anew():
    async def story(stage):
        stage.api.script = (None, ApiError(403, "Forbidden", "no"))
        for _ in range(3):
            stage.tell()
        return await stage.told()

    assert len(play(story)) == 2


def test_an_api_server_that_stays_away_costs_events_and_no_more(caplog):
    async def story(stage):
        stage.api.script = tuple(ApiError(0, "Unreachable", "x") for _ in range(5))
        stage.tell()
        return await stage.told(), len(stage.api.requests)

    assert play(story) == ([], 5)


def test_more_events_than_can_wait_are_lost(caplog):
    async def story(stage):
        stage.tell(*[Event(message=str(number)) for number in range(2_001)])
        return stage.recorder._queue.qsize()

    assert play(story) == 2_000
    assert "too many wait" in caplog.text


def test_a_farewell_is_short(caplog, monkeypatch):
    monkeypatch.setattr("reconciler.controller.cluster.events._FAREWELL_SECONDS", 0.01)

    async def story(stage):
        stage.api.weather = lambda: type(
            "Slow", (), {"dropped": False, "before": 60, "after": 0, "unanswered": False}
        )()
        stage.tell()
        stage.tell(Event(message="another"))
        return await stage.told()

    assert play(story) == []
    assert "events are lost" in caplog.text


def test_who_told_nothing_has_nothing_to_end():
    async def story(stage):
        stage.recorder.tell(ORDERS, "u-1", [])
        return await stage.told()

    assert play(story) == []


@pytest.mark.parametrize("message", ["x" * 5_000, "ü" * 5_000, "a\ud800b"], ids=["long", "long in bytes", "no Unicode"])
def test_a_note_is_what_the_api_takes(message):
    async def story(stage):
        stage.tell(Event(message=message, reason="R" * 200), ref=ObjectRef("Key", "shop", f"{'n' * 199}.x"))
        return await stage.told()

    (event,) = play(story)
    assert len(event["note"].encode()) <= 1_024
    assert len(event["reason"]) == 128
    assert len(event["metadata"]["name"]) <= 253
    assert ".." not in event["metadata"]["name"]


def test_what_is_remembered_does_not_grow_without_end(monkeypatch):
    monkeypatch.setattr("reconciler.controller.cluster.series._REMEMBERED", 100)

    async def story(stage):
        for number in range(300):
            stage.tell(uid=f"u-{number}")
        await stage.told()
        return len(stage.recorder._memory._series._values), len(stage.recorder._memory._allowance._values)

    assert play(story) == (100, 100)
