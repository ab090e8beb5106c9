"""Asking for the keys of a name: together with others, and yet as if alone."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from reconciler.apply.rollcall import RollCall
from reconciler.kit.errors import KmsError
from reconciler.kms.sweeps import MOST_VALUES
from reconciler.model.ownership import NAME_TAG, STACK_TAG, Ownership
from tests.support.locks import Counted


class Gated:
    """A tagging service that has one key of every name, and whose first answer waits until it is let go."""

    def __init__(self, gate: threading.Event, fails: bool = False) -> None:
        self._gate = gate
        self._fails = fails
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.begun = threading.Event()

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        filters = {one["Key"]: one["Values"] for one in parameters["TagFilters"]}
        [stack], names = filters[STACK_TAG], filters[NAME_TAG]
        self.asked.append((stack, tuple(names)))
        self.begun.set()
        assert self._gate.wait(10)
        if self._fails:
            raise KmsError("InternalErrorException", "not now", operation=operation)
        return {
            "ResourceTagMappingList": [
                {
                    "ResourceARN": f"arn:aws:kms:us-east-1:111122223333:key/{stack}-{name}",
                    "Tags": [{"Key": STACK_TAG, "Value": stack}, {"Key": NAME_TAG, "Value": name}],
                }
                for name in names
            ]
        }


def ask_at_once(kms: Gated, gate: threading.Event, owners: list[Ownership]) -> list[Any]:
    """The first asks alone; the others come while its request is under way, which then is answered."""
    call = RollCall(kms)
    call._asking = door = Counted()
    with ThreadPoolExecutor(len(owners)) as pool:
        first = pool.submit(call.named, owners[0])
        assert kms.begun.wait(10)
        others = [pool.submit(call.named, owner) for owner in owners[1:]]
        assert all(door.came.acquire(timeout=10) for _ in owners)
        gate.set()
        return [future.exception() or future.result() for future in (first, *others)]


def test_those_who_come_while_a_request_is_under_way_are_answered_by_the_next_together():
    gate = threading.Event()
    kms = Gated(gate)
    owners = [Ownership("s", name, 1) for name in ("a", "b", "c", "b")]
    answers = ask_at_once(kms, gate, owners)
    assert [list(answer) for answer in answers] == [["s-a"], ["s-b"], ["s-c"], ["s-b"]]
    assert kms.asked == [("s", ("a",)), ("s", ("b", "c"))]


def test_no_request_asks_for_more_names_than_a_filter_takes_or_for_two_stacks():
    gate = threading.Event()
    kms = Gated(gate)
    many = [Ownership("s", f"n{number}", 1) for number in range(MOST_VALUES + 5)]
    answers = ask_at_once(kms, gate, [Ownership("s", "a", 1), *many, Ownership("t", "n0", 1)])
    assert [list(answer) for answer in answers] == [["s-a"], *([f"s-{owner.name}"] for owner in many), ["t-n0"]]
    assert max(len(names) for _, names in kms.asked) <= MOST_VALUES
    assert len(kms.asked) == 4
    assert max(kms.asked) == ("t", ("n0",))


def test_everybody_who_was_asked_for_in_a_request_that_fails_hears_of_it():
    gate = threading.Event()
    kms = Gated(gate, fails=True)
    answers = ask_at_once(kms, gate, [Ownership("s", name, 1) for name in ("a", "b", "c")])
    assert [getattr(answer, "code", answer) for answer in answers] == ["InternalErrorException"] * 3
    with pytest.raises(KmsError):
        RollCall(kms).named(Ownership("s", "a", 1))
