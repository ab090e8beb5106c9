"""The same for several objects at once."""

from __future__ import annotations

import asyncio

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.objects.seen import seen_of
from reconciler.controller.work.each import each
from tests.controller.support.objects import body

SEEN = [seen_of(body("Key", f"k{number}")) for number in range(6)]


def test_answers_come_in_the_order_of_the_objects_whichever_is_first():
    async def act(seen):
        await asyncio.sleep(0.001 if seen is SEEN[0] else 0)
        return seen.ref.name

    assert asyncio.run(each(act, SEEN, at_once=3, failed=pytest.fail)) == [seen.ref.name for seen in SEEN]


def test_no_more_are_under_way_than_may_be():
    under_way, most = 0, 0

    async def act(_):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    asyncio.run(each(act, SEEN, at_once=2, failed=pytest.fail))
    assert most == 2


def test_what_one_fails_at_keeps_no_other():
    told = []

    async def act(seen):
        if seen is SEEN[2]:
            raise ApiError(500, "InternalError", "no")
        return seen.ref.name

    found = asyncio.run(each(act, SEEN, at_once=6, failed=lambda *failure: told.append(failure)))
    assert found == ["k0", "k1", "k3", "k4", "k5"]
    ((seen, error),) = told
    assert (seen, error.status) == (SEEN[2], 500)


def test_a_fault_of_our_own_keeps_no_other_either():
    told = []

    async def act(seen):
        if seen is SEEN[0]:
            raise ValueError("a bug")
        return seen.ref.name

    found = asyncio.run(each(act, SEEN[:2], at_once=1, failed=lambda *failure: told.append(failure)))
    assert found == ["k1"]
    ((seen, error),) = told
    assert (seen, str(error)) == (SEEN[0], "a bug")
