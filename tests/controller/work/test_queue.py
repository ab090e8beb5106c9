"""The work queue."""

from __future__ import annotations

import asyncio

import pytest

from reconciler.controller.work.queue import WorkQueue
from tests.controller.cluster.virtual import run_virtually
from tests.controller.support.taking import Taker


class Place:
    """A queue of texts whose lane is their first letter, and a time that is set."""

    def __init__(self):
        self.now = 100.0
        self.queue = WorkQueue(lambda item: item[0], lambda: self.now)
        self.taker = Taker(self.queue)

    def take(self, most=10):
        """What is due now."""
        return self.taker.take(most)

    def items(self, most=10):
        """The items that are due now, and no longer wait."""
        taken = self.take(most)
        if taken is None:
            return ()
        self.queue.done(taken)
        return taken.items


@pytest.fixture
def place():
    made = Place()
    yield made
    made.taker.close()


def test_an_item_that_comes_twice_is_looked_at_once(place):
    place.queue.add("a1")
    place.queue.add("a1")
    assert len(place.queue) == 1
    assert place.items() == ("a1",)
    assert place.items() == ()


def test_items_are_taken_with_those_of_their_lane_alone(place):
    for item in ("a1", "b1", "a2"):
        place.queue.add(item)
    assert place.items() == ("a1", "a2")
    assert place.items() == ("b1",)


def test_no_more_are_taken_than_asked_for(place):
    for number in range(5):
        place.queue.add(f"a{number}")
    assert place.items(3) == ("a0", "a1", "a2")
    assert place.items(3) == ("a3", "a4")


def test_what_somebody_asked_for_goes_first(place):
    place.queue.add("a1", urgent=False)
    place.queue.add("b1", urgent=False)
    place.queue.add("b2")
    assert place.items() == ("b2", "b1")
    assert place.items() == ("a1",)


def test_what_is_not_due_waits(place):
    place.queue.add("a1", after=5)
    assert place.items() == ()
    assert len(place.queue) == 1
    place.now += 5
    assert place.items() == ("a1",)


def test_the_sooner_of_two_times_counts_whichever_comes_first(place):
    place.queue.add("a1", after=5)
    place.queue.add("a1", after=1)
    place.queue.add("a2", after=1)
    place.queue.add("a2", after=5)
    place.now += 1
    assert place.items() == ("a1", "a2")
    place.now += 10
    assert place.items() == ()


def test_what_waits_becomes_urgent_when_somebody_asks_and_stays_so(place):
    place.queue.add("a1", urgent=False)
    place.queue.add("b1", urgent=False)
    place.queue.add("b1", after=60)
    place.queue.add("b1", urgent=False)
    assert place.items() == ("b1",)


def test_what_comes_again_while_it_is_looked_at_is_looked_at_once_more_and_not_before(place):
    place.queue.add("a1")
    taken = place.take()
    place.queue.add("a1")
    place.queue.add("a1")
    assert place.take() is None
    assert len(place.queue) == 1
    place.queue.done(taken)
    assert place.items() == ("a1",)
    assert place.items() == ()


def test_what_is_forgotten_is_not_looked_at_neither_now_nor_again(place):
    place.queue.add("a1")
    place.queue.forget("a1")
    assert place.items() == ()
    place.queue.add("a2")
    taken = place.take()
    place.queue.add("a2")
    place.queue.forget("a2")
    place.queue.done(taken)
    assert place.items() == ()
    place.queue.forget("never there")


def test_a_batch_tells_when_the_last_of_its_items_was_asked_for(place):
    place.queue.add("a1")
    place.now += 3
    place.queue.add("a2")
    place.now += 3
    assert place.take().since == 103.0


def test_asking_again_for_what_waits_asks_for_newer_sight(place):
    place.queue.add("a1")
    place.now += 7
    place.queue.add("a1", after=60)
    assert place.take().since == 107.0


def test_what_is_looked_at_once_more_is_to_see_what_was_done_for_it_until_then(place):
    place.queue.add("a1")
    taken = place.take()
    place.now += 1
    place.queue.add("a1")
    place.now += 4
    place.queue.done(taken)
    assert place.take().since == 105.0


def test_what_waits_for_its_time_is_not_due_and_is_not_searched(place):
    asked = []
    queue = WorkQueue(lambda item: asked.append(item) or item[0], lambda: place.now)
    for number in range(1000):
        queue.add(f"a{number}", after=60)
    queue.add("b1")
    assert (len(queue), queue.due()) == (1001, 1)
    taker = Taker(queue)
    asked.clear()
    taken = taker.take(10)
    assert taken.items == ("b1",)
    assert asked == ["b1"]
    assert taker.take(10) is None
    assert asked == ["b1"]
    queue.add("b1")
    assert queue.due() == 1
    place.now += 60
    assert queue.due() == 1001
    queue.done(taken)
    taker.close()


def test_what_changes_its_lane_while_it_waits_is_taken_with_its_new_mates(place):
    lanes = {"x": "a", "y": "a", "z": "b"}
    queue = WorkQueue(lanes.__getitem__, lambda: place.now)
    for item in lanes:
        queue.add(item)
    lanes["x"] = "b"
    taker = Taker(queue)
    found = []
    while (taken := taker.take(10)) is not None:
        found.append(sorted(taken.items))
        queue.done(taken)
    taker.close()
    assert sorted(found) == [["x", "z"], ["y"]]


def test_the_longest_wait_counts_from_when_the_item_was_due(place):
    assert place.queue.oldest() == 0.0
    place.queue.add("a1", after=10)
    assert place.queue.oldest() == 0.0
    place.now += 14
    assert place.queue.oldest() == 4.0


def test_whoever_waits_is_woken_by_the_first_item_and_by_the_time():
    async def story(loop):
        queue = WorkQueue(lambda item: item, loop.time)
        waiting = asyncio.create_task(queue.take(1))
        await asyncio.sleep(5)
        assert not waiting.done()
        queue.add("now")
        first = await waiting
        queue.add("later", after=30)
        second = await queue.take(1)
        return first.items, second.items, loop.time()

    assert run_virtually(story) == (("now",), ("later",), 35.0)


def test_several_who_wait_get_an_item_each():
    async def story(loop):
        queue = WorkQueue(lambda item: item, loop.time)
        waiting = [asyncio.create_task(queue.take(1)) for _ in range(3)]
        await asyncio.sleep(1)
        for item in "abc":
            queue.add(item)
        return sorted(taken.items[0] for taken in await asyncio.gather(*waiting))

    assert run_virtually(story) == ["a", "b", "c"]


def test_whoever_waits_for_a_later_item_is_woken_by_a_sooner_one():
    async def story(loop):
        queue = WorkQueue(lambda item: item, loop.time)
        queue.add("late", after=100)
        waiting = asyncio.create_task(queue.take(1))
        await asyncio.sleep(1)
        queue.add("soon", after=2)
        return (await waiting).items, loop.time()

    assert run_virtually(story) == (("soon",), 3.0)


@pytest.mark.parametrize("steps", range(5))
def test_a_worker_that_is_told_to_end_ends_even_if_work_comes_in_the_same_instant(steps):
    async def work(queue):
        while True:
            queue.done(await queue.take(1))

    async def story(loop):
        queue = WorkQueue(lambda item: item, loop.time)
        queue.add("late", after=100)
        worker = asyncio.create_task(work(queue))
        await asyncio.sleep(1)
        queue.add("now")
        for _ in range(steps):
            await asyncio.sleep(0)
        worker.cancel()
        await asyncio.wait([worker], timeout=1)
        return worker.cancelled()

    assert run_virtually(story)


def grouped(now):
    """A queue of texts whose lane are their first two letters, and their group the first; one batch a group."""
    return WorkQueue(lambda item: item[:2], now, group_of=lambda lane: lane[0], at_once=1)


def test_a_group_that_takes_long_holds_up_no_other_and_gets_its_turn_when_it_is_done(place):
    queue = grouped(lambda: place.now)
    taker = Taker(queue)
    for item in ("ax1", "ax2", "ay1", "bx1", "ax3"):
        queue.add(item)
    first, second = taker.take(2), taker.take(10)
    assert (first.items, second.items) == (("ax1", "ax2"), ("bx1",))
    assert taker.take(10) is None
    queue.done(second)
    assert taker.take(10) is None
    queue.done(first)
    assert taker.take(10).items == ("ay1",)
    taker.close()


def test_who_waits_for_a_busy_group_is_woken_when_it_is_done_and_not_before():
    async def story(loop):
        queue = grouped(loop.time)
        queue.add("ax1")
        taken = await queue.take(1)
        queue.add("ax2")
        queue.add("ax3", after=60)
        waiting = asyncio.create_task(queue.take(10))
        await asyncio.sleep(30)
        assert not waiting.done()
        queue.done(taken)
        return (await waiting).items, loop.time()

    assert run_virtually(story) == (("ax2",), 30.0)


def test_a_long_queue_of_many_lanes_is_taken_without_searching_all_of_it_each_time():
    asked = 0

    def lane_of(item):
        nonlocal asked
        asked += 1
        return item[0]

    queue = WorkQueue(lane_of, lambda: 0.0)
    items = [(lane, number) for number in range(4) for lane in range(1000)]
    for item in items:
        queue.add(item)
    taker, found = Taker(queue), []
    for _ in range(20):
        asked = 0
        taken = taker.take(32)
        assert asked < 1000, "of 4000"
        queue.done(taken)
        found += taken.items
    while (taken := taker.take(32)) is not None:
        queue.done(taken)
        found += taken.items
    taker.close()
    assert sorted(found) == sorted(items), "nothing is lost"
