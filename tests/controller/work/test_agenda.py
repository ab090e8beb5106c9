"""When objects are looked at."""

from __future__ import annotations

import pytest

from reconciler.controller.health.failures import FailureKind
from reconciler.controller.work.agenda import Agenda
from tests.controller.support.objects import ref
from tests.controller.support.taking import Taker

KEY, OTHER = ref("Key", "orders"), ref("Key", "other")


class Place:
    """An agenda of one lane, whose delays are as long as they may be."""

    def __init__(self):
        self.now = 0.0
        self.agenda = Agenda(lambda _: ("payments", "default", False, False), lambda: self.now, lambda: 1.0)
        self.taker = Taker(self.agenda)

    def take(self):
        """The objects that are due, no longer waiting."""
        taken = self.taker.take(10)
        if taken is None:
            return ()
        self.agenda.done(taken)
        return taken.items

    def due_in(self):
        """Seconds until the object is due, counted from now."""
        start = self.now
        while not self.take():
            self.now += 1.0
            assert self.now - start < 3600, "it is never due"
        return self.now - start


@pytest.fixture
def place():
    made = Place()
    yield made
    made.taker.close()


def test_what_fails_is_looked_at_later_each_time_up_to_a_longest_wait(place):
    waits = []
    for _ in range(8):
        place.agenda.again(KEY, FailureKind.TRANSIENT)
        waits.append(place.due_in())
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_asking_forgets_how_often_it_failed(place):
    for _ in range(5):
        place.agenda.again(KEY, FailureKind.TRANSIENT)
        place.due_in()
    place.agenda.ask(KEY)
    assert place.take() == (KEY,)
    place.agenda.again(KEY, FailureKind.TRANSIENT)
    assert place.due_in() == 1


@pytest.mark.parametrize("ending", ["well", "forget"])
def test_what_is_well_or_gone_has_failed_never(place, ending):
    for _ in range(5):
        place.agenda.again(KEY, FailureKind.TRANSIENT)
        place.due_in()
    getattr(place.agenda, ending)(KEY)
    place.agenda.again(KEY, FailureKind.TRANSIENT)
    assert place.due_in() == 1


def test_another_check_for_drift_does_not_forget_how_often_it_failed(place):
    for _ in range(5):
        place.agenda.again(KEY, FailureKind.TRANSIENT)
        place.due_in()
    place.agenda.routine(KEY)
    assert place.take() == (KEY,)
    place.agenda.again(KEY, FailureKind.TRANSIENT)
    assert place.due_in() == 32


def test_what_is_invalid_is_not_looked_at_by_itself(place):
    place.agenda.again(KEY, FailureKind.INVALID)
    assert len(place.agenda) == 0


def test_what_is_gone_is_not_looked_at(place):
    place.agenda.ask(KEY)
    place.agenda.forget(KEY)
    assert place.take() == ()


def test_what_somebody_asked_for_goes_before_routine_and_failures(place):
    place.agenda.routine(KEY)
    place.agenda.again(OTHER, FailureKind.DENIED)
    place.agenda.ask(OTHER)
    assert place.take() == (OTHER, KEY)


def test_what_is_to_be_seen_once_more_waits_its_seconds(place):
    place.agenda.soon(KEY, 2.0)
    assert place.due_in() == 2


def test_the_longest_wait_is_told(place):
    place.agenda.ask(KEY)
    place.now += 9
    assert place.agenda.waits() == 9
