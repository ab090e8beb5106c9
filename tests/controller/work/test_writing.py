"""What is written into the cluster."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.events import Recorder
from reconciler.controller.health.events import Deed
from reconciler.controller.health.reasons import EventReason, Reason
from reconciler.controller.health.states import Blocked, InSync
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import FINALIZER
from reconciler.controller.work.intake import Intake
from reconciler.controller.work.writing import Writer
from reconciler.model.identifiers import TargetName
from tests.controller.support.cluster import Cluster
from tests.controller.support.objects import annotated, says


class Place:
    """A writer over a cluster with one key."""

    def __init__(self, clock):
        self.cluster = Cluster(clock.now)
        cache = self.cache = Cache(TargetName("default"))
        intake = self.intake = Intake(cache, lambda _: None, lambda _: None, lambda _: None)
        self.recorder = Recorder(self.cluster, "kms.reconciler.dev/kmsctl-operator", "me", clock=clock)
        self.writer = Writer(self.cluster, intake.answered, self.recorder, clock)
        self.key = self.cluster.apply("Key", "orders", {})
        self.see()

    def see(self):
        """The object as the watch shows it now."""
        return self.intake.notice(self.cluster.of(self.key))

    @property
    def seen(self):
        """The object as it is known."""
        return self.cache.get(self.key)

    def run(self, story):
        async def whole():
            try:
                return await story
            finally:
                await self.recorder.stop()

        return asyncio.run(whole())


@pytest.fixture
def place(clock):
    return Place(clock)


def test_a_conclusion_is_written_and_known(place):
    seen = place.run(place.writer.conclude(place.seen, InSync(), {"keyId": "k"}))
    status = place.cluster.of(place.key)["status"]
    assert status["keyId"] == "k"
    assert status["observedGeneration"] == 1
    assert says(status["conditions"]) == ("True", "InSync")
    assert "lastHandledReconcileAt" not in status
    assert place.seen is seen


def test_the_same_conclusion_is_not_written_again_however_late(place, clock):
    place.run(place.writer.conclude(place.seen, InSync(), {"keyId": "k"}))
    clock.advance(timedelta(hours=1))
    place.run(place.writer.conclude(place.seen, InSync(), {"keyId": "k"}))
    assert len(place.cluster.writes) == 1


def test_what_a_status_shows_no_more_is_removed(place):
    place.run(place.writer.conclude(place.seen, InSync(), {"keyId": "k", "deletionDate": "soon"}))
    place.run(place.writer.conclude(place.seen, InSync(), {"keyId": "k"}))
    assert "deletionDate" not in place.cluster.of(place.key)["status"]


def test_the_annotation_that_asked_for_it_is_echoed(place):
    place.cluster.apply("Key", "orders", annotations=annotated(reconcile_at="noon"))
    place.see()
    place.run(place.writer.conclude(place.seen, InSync(), {}))
    assert place.cluster.of(place.key)["status"]["lastHandledReconcileAt"] == "noon"


def test_what_was_done_and_what_is_newly_wrong_is_told_once(place):
    async def story():
        blocked = Blocked(Reason.IMMUTABLE_FIELD, "keySpec cannot change")
        done = [Deed(EventReason.UPDATED, "updated it")]
        await place.writer.conclude(place.seen, blocked, {}, done)
        await place.writer.conclude(place.seen, blocked, {})

    place.run(story())
    assert [event["reason"] for event in place.cluster.events] == ["Updated", "Blocked"]


def test_what_is_done_for_an_object_without_a_status_to_write_is_told(place):
    async def story():
        place.writer.tell(place.seen, [Deed(EventReason.RETAINED, "it stays")])

    place.run(story())
    (event,) = place.cluster.events
    assert (event["reason"], event["type"], event["note"]) == ("Retained", "Normal", "it stays")


def test_an_object_is_held_and_let_go(place):
    held = place.run(place.writer.add_finalizer(place.seen))
    assert held.finalized
    assert place.seen is held
    place.cluster.delete(place.key)
    place.see()
    place.run(place.writer.release(place.seen))
    assert place.cluster.of(place.key) is None
    assert place.seen is None, "known before the watch shows it"


def test_finalizers_of_others_stay(place):
    place.cluster.objects[place.key.path]["metadata"]["finalizers"] = ["another's"]
    place.see()
    assert place.run(place.writer.add_finalizer(place.seen)).finalizers == ("another's", FINALIZER)
    assert place.run(place.writer.release(place.seen)).finalizers == ("another's",)


def test_an_object_that_changed_meanwhile_is_not_held_as_it_was(place):
    before = place.seen
    place.cluster.apply("Key", "orders", {"description": "new"})
    with pytest.raises(ApiError) as conflict:
        place.run(place.writer.add_finalizer(before))
    assert conflict.value.status == 409
    assert "finalizers" not in place.cluster.of(place.key)["metadata"]


@pytest.mark.parametrize("write", ["conclude", "add_finalizer", "release"])
def test_an_object_that_is_gone_is_written_no_more_and_that_is_no_error(place, write):
    before = place.seen
    place.cluster.delete(place.key)
    arguments = (InSync(), {}) if write == "conclude" else ()
    assert place.run(getattr(place.writer, write)(before, *arguments)) is before
    assert place.seen is None, "its end is known though no watch has shown it"


def test_an_answer_of_somebody_else_in_the_api_servers_place_ends_no_object(place):
    def lost(_, path):
        raise ApiError(404, "HTTP404", path)

    before = place.seen
    place.cluster.faults.append(lost)
    assert place.run(place.writer.conclude(before, InSync(), {})) is before
    assert place.seen is before


def test_a_status_that_the_api_server_does_not_take_is_an_error(place):
    def refuse(verb, _):
        raise ApiError(503, "ServiceUnavailable", verb)

    place.cluster.faults.append(refuse)
    with pytest.raises(ApiError):
        place.run(place.writer.conclude(place.seen, InSync(), {}))


def test_the_answer_to_a_write_does_not_bring_back_what_the_watch_showed_gone(place):
    before = place.seen
    place.cluster.echo = lambda: place.intake.gone(place.cluster.watch[-1][0])
    assert place.run(place.writer.conclude(before, InSync(), {})) is before
    assert place.seen is None


@pytest.mark.parametrize("write", ["conclude", "add_finalizer", "release"])
def test_who_does_not_lead_any_more_writes_and_tells_nothing(place, clock, write):
    writer = Writer(place.cluster, place.intake.answered, place.recorder, clock, may=lambda: False)
    before = place.cluster.of(place.key)
    story = writer.conclude(place.seen, InSync(), {}) if write == "conclude" else getattr(writer, write)(place.seen)
    with pytest.raises(ApiError) as found:
        place.run(story)
    assert found.value.unreachable
    assert place.cluster.of(place.key) == before
