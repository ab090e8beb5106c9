"""Targets, open."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.controller.work.connections import Connections
from reconciler.kit.errors import KmsError
from reconciler.kms.aws import StaticCredentials
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from reconciler.workflow.environment import Environment

DEFAULT = TargetName("default")
TARGET = Target(DEFAULT)


class Place:
    """Connections to the bundled KMS, and the calls that are made over them."""

    def __init__(self, home, clock):
        self.clock = clock
        self.calls = []
        self.faults = []
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
