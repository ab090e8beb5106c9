"""Targets, open."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.controller.work.connections import Connections, Uses
from reconciler.kit.errors import KmsError
from reconciler.kms.aws import StaticCredentials
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from reconciler.workflow.environment import Environment
from tests.controller.support.objects import DEFAULT_TARGET, ref
from tests.controller.support.world import play
from tests.support.locks import Counted

DEFAULT = TargetName("default")
TARGET = Target(DEFAULT)


class Place:
    """Connections to the bundled KMS, and the calls that are made over them."""

    def __init__(self, home, clock):
        self.clock = clock
        self.calls = []
        self.faults = []
        self.heard = []
        self.swept = []
        self.connections = Connections(
            Environment(home, {}, clock),
            parallelism=2,
            around=self._around,
            swept=lambda *told: self.swept.append(told),
        )

    def lists(self):
        """How often the aliases were listed."""
        return self.calls.count("ListAliases")

    def _around(self, kms):
        def call(operation, parameters):
            self.calls.append(operation)
            for hear in tuple(self.heard):
                hear(operation)
            if self.faults and operation == "ListAliases":
                raise self.faults.pop()
            return kms(operation, parameters)

        return call


@pytest.fixture
def place(tmp_path, clock):
    made = Place(tmp_path / "kms", clock)
    yield made
    made.connections.close()


def test_a_target_is_opened_once_while_it_stays_as_it_is(place):
    opened = place.connections.open(TARGET, None)
    assert opened.connection.account.account_id
    assert place.connections.open(TARGET, None) is opened
    assert place.connections.get(DEFAULT) is opened


@pytest.mark.parametrize(
    ("target", "credentials"),
    [(replace(TARGET, region="eu-west-1"), None), (TARGET, StaticCredentials("AKIA", "secret", None))],
    ids=["another region", "other credentials"],
)
def test_a_target_is_opened_anew_when_something_about_it_changes(place, target, credentials):
    before = place.connections.open(TARGET, None)
    after = place.connections.open(target, credentials)
    assert after is not before
    assert place.connections.get(DEFAULT) is after
    assert before.connection.kms("ListAliases", {})["Aliases"] == [], "who is at it goes on with what it had"


def test_a_target_that_is_forgotten_is_not_open(place):
    place.connections.open(TARGET, None)
    place.connections.forget(DEFAULT)
    place.connections.forget(DEFAULT)
    assert place.connections.get(DEFAULT) is None


def test_a_connection_that_nobody_is_at_is_closed_when_it_is_given_up():
    closed = []
    uses = Uses(lambda: closed.append(True))
    uses.begin()
    uses.end()
    assert closed == []
    uses.give_up()
    uses.give_up()
    assert closed == [True]


def test_a_connection_is_closed_after_the_last_who_is_at_it():
    closed = []
    uses = Uses(lambda: closed.append(True))
    uses.begin()
    uses.begin()
    uses.give_up()
    uses.end()
    assert closed == []
    uses.end()
    assert closed == [True]


def test_the_connection_that_a_changed_target_had_is_closed(tmp_path):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(30)
        before = world.operator._connections.get(DEFAULT)
        closed = []
        before.uses._close = lambda: closed.append(before.connection.close())
        world.cluster.apply("Target", "default", {**DEFAULT_TARGET, "allowedNamespaces": ["pay*"]})
        await world.calm(30)
        assert world.operator._connections.get(DEFAULT) is not before
        assert closed == [None]
        assert world.ready(key) == ("True", "InSync")
        last = world.operator._connections.get(DEFAULT)
        last.uses._close = lambda: closed.append(last.connection.close())
        world.cluster.lose(ref("Target", "default"))
        await world.calm(30)
        assert closed == [None, None]

    play(tmp_path / "kms", story)


def test_the_first_attempt_at_a_target_is_told_from_later_ones(place):
    assert place.connections.untried(DEFAULT)
    assert place.connections.tried(DEFAULT)
    assert not place.connections.untried(DEFAULT)
    assert not place.connections.tried(DEFAULT)


def test_lists_are_read_once_for_all_who_ask_for_nothing_newer(place):
    lists = place.connections.open(TARGET, None).lists
    first = lists.since(place.clock.monotonic())
    assert lists.since(place.clock.monotonic()) is first
    assert lists.since(place.clock.monotonic() - 5) is first
    assert place.lists() == 1
    assert place.swept == [("default", 0.0)]


def test_lists_are_read_again_for_whoever_must_see_what_happened_since(place):
    lists = place.connections.open(TARGET, None).lists
    first = lists.since(0.0)
    place.clock.advance(timedelta(seconds=1))
    second = lists.since(place.clock.monotonic())
    assert second is not first
    assert place.lists() == 2


def test_lists_that_could_not_be_read_are_read_by_the_next_who_asks(place):
    lists = place.connections.open(TARGET, None).lists
    place.faults.append(KmsError("ThrottlingException", "slow down", operation="ListAliases"))
    with pytest.raises(KmsError):
        lists.since(0.0)
    assert lists.age() is None
    assert lists.since(0.0) is not None


def test_lists_that_are_forgotten_are_read_again(place):
    lists = place.connections.open(TARGET, None).lists
    first = lists.since(0.0)
    place.connections.forget_lists()
    assert lists.since(0.0) is not first


def test_many_threads_that_ask_at_once_share_one_reading(place):
    lists = place.connections.open(TARGET, None).lists
    barrier = threading.Barrier(6)

    def ask(_):
        barrier.wait()
        return lists.since(0.0)

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(ask, range(6)))
    assert len({id(one) for one in found}) == 1
    assert place.lists() == 1


def test_the_age_of_lists_is_told_from_the_first_reading_on(place):
    opened = place.connections.open(TARGET, None)
    assert place.connections.ages() == {}
    opened.lists.since(0.0)
    place.clock.advance(timedelta(seconds=9))
    place.connections.forget_lists()
    assert place.connections.ages() == {"default": 9.0}


def test_nothing_is_open_after_the_end(place):
    place.connections.open(TARGET, None)
    place.connections.close()
    assert place.connections.get(DEFAULT) is None


def test_who_waits_for_a_reading_that_fails_does_not_wait_for_one_more(place):
    lists = place.connections.open(TARGET, None).lists
    reading, waiting = threading.Event(), threading.Event()

    def slow(operation):
        if operation == "ListAliases":
            reading.set()
            waiting.wait(10)
            raise KmsError("KMSInternalException", "no", operation=operation)

    place.heard.append(slow)
    lists._lock = Counted()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(lists.since, 0.0)
        reading.wait(10)
        others = [pool.submit(lists.since, place.clock.monotonic() + 1) for _ in range(2)]
        assert all(lists._lock.came.acquire(timeout=10) for _ in range(3))
        place.heard.clear()
        waiting.set()
        assert all(isinstance(one.exception(10), KmsError) for one in (first, *others))
    assert place.lists() == 1
    assert lists.since(0.0) is not None, "who comes later asks again"


def test_lists_that_are_being_read_hold_up_nobody_who_would_forget_them(place):
    lists = place.connections.open(TARGET, None).lists
    reading, go_on = threading.Event(), threading.Event()

    def slow(_):
        reading.set()
        go_on.wait(10)

    place.heard.append(slow)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lists.since, 0.0)
        reading.wait(10)
        place.connections.forget_lists()
        assert not asked.done()
        go_on.set()
        assert asked.result(10) is lists.since(0.0)
