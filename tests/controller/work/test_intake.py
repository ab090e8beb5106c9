"""What the watch shows becomes work."""

from __future__ import annotations

import pytest

from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import FINALIZER
from reconciler.controller.work.intake import Intake
from reconciler.model.identifiers import TargetName
from tests.controller.support.objects import DEFAULT_TARGET, annotated, body, grant_spec, ref

KEY, GRANT, TARGET = ref("Key", "orders"), ref("Grant", "app"), ref("Target", "default")
READY = {"conditions": [{"type": "Ready", "status": "True"}]}
GOING = "2026-03-01T00:00:00Z"


class Place:
    """An intake, and what it asks for."""

    def __init__(self):
        self.cache = Cache(TargetName("default"))
        self.asked = []
        self.forgotten = []
        self.counted = []
        self.intake = Intake(self.cache, self.asked.append, self.forgotten.append, self.counted.append)

    def notice(self, *bodies):
        """What is asked for when the watch shows these."""
        self.asked.clear()
        for one in bodies:
            self.intake.notice(one)
        return set(self.asked)


@pytest.fixture
def place():
    made = Place()
    made.notice(body("Key", "orders"), body("Grant", "app", spec=grant_spec("orders")))
    return made


def test_what_is_new_is_looked_at_with_whoever_refers_to_it():
    place = Place()
    assert place.notice(body("Grant", "app", spec=grant_spec("orders"))) == {GRANT}
    assert place.notice(body("Key", "orders")) == {KEY, GRANT}


@pytest.mark.parametrize(
    "changed",
    [{"status": {"keyId": "k"}}, {"finalizers": [FINALIZER]}, {"labels": {"a": "b"}}, {}],
    ids=["status", "finalizer", "label", "nothing"],
)
def test_what_the_operator_writes_wakes_nobody(place, changed):
    assert place.notice(body("Key", "orders", resourceVersion="2", **changed)) == set()


def test_a_key_that_becomes_ready_or_is_ready_no_more_wakes_whoever_refers_to_it(place):
    assert place.notice(body("Key", "orders", resourceVersion="2", status=READY)) == {GRANT}
    assert place.notice(body("Key", "orders", resourceVersion="3", status=READY)) == set()
    assert place.notice(body("Key", "orders", resourceVersion="4", status={})) == {GRANT}


def test_a_spec_that_changes_wakes_whoever_refers_to_it_too(place):
    assert place.notice(body("Key", "orders", resourceVersion="2", generation=2)) == {KEY, GRANT}
    assert place.notice(body("Grant", "app", spec=grant_spec("orders"), resourceVersion="3", generation=2)) == {GRANT}


def test_an_annotation_of_ours_is_no_business_of_whoever_refers_to_the_object(place):
    asked = annotated(reconcile_at="now")
    assert place.notice(body("Key", "orders", resourceVersion="2", annotations=asked)) == {KEY}


def test_a_target_wakes_its_objects_when_it_is_open_and_not_before(place):
    assert place.notice(body("Target", "default", spec=DEFAULT_TARGET)) == {TARGET}
    assert place.notice(body("Target", "default", spec=DEFAULT_TARGET, generation=2, resourceVersion="2")) == {TARGET}
    place.asked.clear()
    place.intake.wake(TARGET)
    assert set(place.asked) == {KEY, GRANT}


def test_only_who_is_there_is_woken(place):
    place.intake.gone(body("Grant", "app"))
    assert place.notice(body("Key", "orders", resourceVersion="2", generation=2)) == {KEY}


def test_what_is_gone_is_forgotten_and_whoever_refers_to_it_looked_at(place):
    place.asked.clear()
    place.intake.gone(body("Key", "orders"))
    assert place.forgotten == [KEY]
    assert place.asked == [GRANT]


def test_the_end_of_a_forerunner_forgets_nothing(place):
    place.notice(body("Key", "orders", uid="another", resourceVersion="5"))
    place.asked.clear()
    place.intake.gone(body("Key", "orders"))
    assert (place.forgotten, place.asked) == ([], [])
    assert place.cache.get(KEY).uid == "another"


def test_who_contends_for_a_name_is_woken_when_it_is_claimed_and_given_up(place):
    late = {"spec": {"aliases": ["alias/main"]}, "creationTimestamp": "2026-05-01T00:00:00Z"}
    place.notice(body("Key", "late", **late))
    first = body("Key", "orders", spec={"aliases": ["alias/main"]}, generation=2, resourceVersion="2")
    assert place.notice(first) == {KEY, GRANT, ref("Key", "late")}
    given_up = body("Key", "orders", generation=3, resourceVersion="3")
    assert ref("Key", "late") in place.notice(given_up)


def test_the_answer_to_a_write_is_what_is_known_then(place):
    seen = place.intake.answered(body("Key", "orders", resourceVersion="2", finalizers=[FINALIZER]))
    assert seen.finalized
    assert place.cache.get(KEY) is seen


def test_an_answer_about_what_is_gone_meanwhile_does_not_bring_it_back(place):
    place.intake.gone(body("Key", "orders"))
    assert place.intake.answered(body("Key", "orders", resourceVersion="2")) is None
    assert place.cache.get(KEY) is None


def test_an_answer_about_a_forerunner_says_nothing_of_what_was_made_anew(place):
    place.notice(body("Key", "orders", uid="another", resourceVersion="5"))
    assert place.intake.answered(body("Key", "orders", resourceVersion="9")) is None
    assert place.cache.get(KEY).uid == "another"


def test_who_lets_go_of_an_object_last_knows_that_it_is_gone(place):
    held = {"deletionTimestamp": GOING, "resourceVersion": "2"}
    assert place.intake.answered(body("Key", "orders", finalizers=["another's"], **held)) is not None
    assert place.intake.answered(body("Key", "orders", **held)) is None
    assert place.cache.get(KEY) is None
    assert place.forgotten == [KEY]
