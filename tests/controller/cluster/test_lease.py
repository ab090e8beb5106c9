"""One leader, whatever the network and the clocks do; time is virtual."""

from __future__ import annotations

import asyncio
import itertools
import logging
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.controller.cluster.election import Seen, Timing, claimed
from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.fence import Fence
from reconciler.controller.cluster.lease import Leadership
from tests.controller.cluster.memory import FAIR, MemoryApi, Weather
from tests.controller.cluster.virtual import LoopClock, run_virtually

PATH = "/apis/coordination.k8s.io/v1/namespaces/kms/leases/kmsctl-operator"
DEAF = Weather(dropped=True)


class Network:
    """Weather that a test changes."""

    def __init__(self, weather=FAIR):
        self.now = weather

    def __call__(self):
        return self.now


def candidate(loop, objects, identity, network=None, wrong_by=0.0):
    api = MemoryApi(objects, network or Network())
    return Leadership(api, "kms", "kmsctl-operator", identity, clock=LoopClock(loop, wrong_by))


def spec(objects):
    return objects[PATH]["spec"]


def test_the_first_candidate_makes_the_lease_and_leads_at_once():
    async def story(loop):
        objects = {}
        one = candidate(loop, objects, "one")
        assert not one.held
        await one.acquire()
        held = one.held
        await one.release()
        return held, one.held, loop.elapsed, objects

    held, after, elapsed, objects = run_virtually(story)
    assert (held, after, elapsed) == (True, False, 0)
    assert spec(objects)["holderIdentity"] == ""


def test_a_lease_says_who_holds_it_since_when_and_for_how_long():
    async def story(loop):
        objects = {}
        one = candidate(loop, objects, "one")
        await one.acquire()
        await asyncio.sleep(5)
        said = dict(spec(objects))
        await one.release()
        return said

    assert run_virtually(story) == {
        "holderIdentity": "one",
        "leaseDurationSeconds": 15,
        "leaseTransitions": 0,
        "acquireTime": "2026-11-22T00:00:00.000000Z",
        "renewTime": "2026-11-22T00:00:04.000000Z",
    }


def test_a_standby_takes_over_within_seconds_of_a_release():
    async def story(loop):
        objects = {}
        one, two = candidate(loop, objects, "one"), candidate(loop, objects, "two")
        await one.acquire()
        standing_by = asyncio.ensure_future(two.acquire())
        await asyncio.sleep(30)
        assert not standing_by.done()
        await one.release()
        before = loop.elapsed
        await standing_by
        taken = loop.elapsed - before
        transitions = spec(objects)["leaseTransitions"]
        await two.release()
        return taken, transitions

    taken, transitions = run_virtually(story)
    assert taken <= 2
    assert transitions == 1


@pytest.mark.parametrize("wrong_by", [0.0, 7_200.0, -7_200.0], ids=["right", "two hours ahead", "two hours behind"])
def test_a_standby_takes_over_from_a_leader_that_died_whatever_its_clock_says(wrong_by):
    async def story(loop):
        objects = {}
        network = Network()
        one, two = candidate(loop, objects, "one", network), candidate(loop, objects, "two", wrong_by=wrong_by)
        await one.acquire()
        standing_by = asyncio.ensure_future(two.acquire())
        await asyncio.sleep(30)
        network.now = DEAF
        before = loop.elapsed
        await standing_by
        taken = loop.elapsed - before
        await one.lost()
        await two.release()
        return taken

    assert 13 <= run_virtually(story) <= 17


def test_a_leader_that_cannot_renew_stops_before_anybody_else_can_lead():
    async def story(loop):
        network = Network()
        one = candidate(loop, {}, "one", network)
        await one.acquire()
        network.now = DEAF
        await one.lost()
        return loop.elapsed, one.held

    assert run_virtually(story) == (10, False)


def test_a_leader_whose_requests_hang_stops_in_time():
    async def story(loop):
        network = Network()
        one = candidate(loop, {}, "one", network)
        await one.acquire()
        network.now = Weather(before=3_600)
        await one.lost()
        return loop.elapsed

    assert run_virtually(story) == pytest.approx(10)


def test_an_answer_that_comes_after_the_deadline_does_not_make_a_leader_again():
    async def story(loop):
        one = candidate(loop, {}, "one")
        await one.acquire()

        async def busy(spec):
            loop.elapsed += 11  # the loop was blocked, and the answer was there when it went on

        one._write = busy
        await one.lost()
        return loop.elapsed, one.held

    elapsed, held = run_virtually(story)
    assert elapsed == 13
    assert not held


def test_work_on_threads_hears_that_the_lease_has_lapsed_before_anybody_tells_it():
    async def story(loop):
        one = candidate(loop, {}, "one")
        fence = Fence(lambda: one.held)
        before = fence.is_set()
        await one.acquire()
        leading = fence.is_set()
        loop.elapsed += 11
        lapsed = fence.is_set()
        await one.lost()
        return before, leading, lapsed

    assert run_virtually(story) == (True, False, True)


def test_work_that_is_told_to_end_ends_whoever_leads():
    fence = Fence(lambda: True)
    assert not fence.is_set()
    fence.set()
    assert fence.is_set()


def test_a_leader_outlives_an_api_server_that_is_gone_for_a_moment():
    async def story(loop):
        network = Network()
        one = candidate(loop, {}, "one", network)
        await one.acquire()
        network.now = DEAF
        await asyncio.sleep(7)
        network.now = FAIR
        await asyncio.sleep(60)
        held = one.held
        await one.release()
        return held

    assert run_virtually(story)


def test_a_leader_goes_on_when_the_answer_to_its_renewal_was_lost():
    async def story(loop):
        network = Network()
        one = candidate(loop, {}, "one", network)
        await one.acquire()
        network.now = Weather(unanswered=True)
        await asyncio.sleep(3)
        network.now = FAIR
        await asyncio.sleep(30)
        held = one.held
        await one.release()
        return held

    assert run_virtually(story)


def test_a_leader_that_sees_another_holder_stops_at_once():
    async def story(loop):
        objects = {}
        one = candidate(loop, objects, "one")
        await one.acquire()
        objects[PATH] = {
            "metadata": {"resourceVersion": "77"},
            "spec": {"holderIdentity": "usurper", "leaseDurationSeconds": 15},
        }
        await one.lost()
        return loop.elapsed, one.holder

    assert run_virtually(story) == (2, "usurper")


def test_a_lease_that_was_deleted_is_made_again_by_its_leader_and_by_nobody_before():
    async def story(loop):
        objects = {}
        one, two = candidate(loop, objects, "one"), candidate(loop, objects, "two")
        await one.acquire()
        standing_by = asyncio.ensure_future(two.acquire())
        await asyncio.sleep(3)
        del objects[PATH]
        await asyncio.sleep(60)
        held, other = one.held, standing_by.done()
        standing_by.cancel()
        await one.release()
        return held, other

    assert run_virtually(story) == (True, False)


def test_what_others_wrote_on_the_lease_stays():
    async def story(loop):
        objects = {}
        one = candidate(loop, objects, "one")
        await one.acquire()
        objects[PATH]["metadata"]["labels"] = {"team": "keys"}
        await asyncio.sleep(20)
        labels, held = objects[PATH]["metadata"].get("labels"), one.held
        await one.release()
        return labels, held

    labels, held = run_virtually(story)
    assert held
    assert labels == {"team": "keys"} or labels is None


def test_a_candidate_without_permission_says_so_once_and_goes_on_trying(caplog):
    class Forbidden(MemoryApi):
        async def get(self, path):
            self.requests.append(("GET", path))
            raise ApiError(403, "Forbidden", "leases is forbidden")

    async def story(loop):
        api = Forbidden({})
        one = Leadership(api, "kms", "kmsctl-operator", "one", clock=LoopClock(loop))
        waiting = asyncio.ensure_future(one.acquire())
        await asyncio.sleep(21)
        waiting.cancel()
        await one.release()
        return len(api.requests)

    with caplog.at_level(logging.WARNING):
        assert run_virtually(story) == 11
    assert [record.message for record in caplog.records] == ["lease: Forbidden (403): leases is forbidden"]


def test_a_release_that_fails_is_told_and_the_lease_lapses(caplog):
    async def story(loop):
        network = Network()
        one = candidate(loop, {}, "one", network)
        await one.acquire()
        network.now = Weather(before=60)
        await one.release()
        return loop.elapsed

    assert run_virtually(story) == pytest.approx(3)
    assert "lapses by itself" in caplog.text


def test_an_acquisition_that_was_broken_off_is_released_when_it_may_have_succeeded():
    async def story(loop):
        objects = {}
        network = Network(Weather(after=1))
        one = candidate(loop, objects, "one", network)
        waiting = asyncio.ensure_future(one.acquire())
        await asyncio.sleep(1.5)
        waiting.cancel()
        network.now = FAIR
        await one.release()
        return spec(objects)["holderIdentity"]

    assert run_virtually(story) == ""


def test_a_lease_that_another_releases_meanwhile_is_left_alone():
    async def story(loop):
        objects = {}
        one = candidate(loop, objects, "one")
        await one.acquire()
        objects[PATH]["spec"] = {"holderIdentity": "two", "leaseDurationSeconds": 15}
        await one.release()
        return spec(objects)["holderIdentity"]

    assert run_virtually(story) == "two"


def test_a_renewal_differs_from_the_one_before_even_when_the_time_of_day_stands_still():
    """Others take a record that does not change for one that nobody renews."""
    wall = datetime(2026, 11, 22, tzinfo=UTC)
    first = claimed(None, "one", wall, Timing())
    again = claimed(Seen({"spec": first}, 0.0), "one", wall, Timing())
    assert again == {**first, "renewTime": "2026-11-22T00:00:00.000001Z"}


@pytest.mark.parametrize("seconds", [(15, 15, 2), (15, 2, 2), (15, 10, 0)], ids=["deadline", "retry", "no retry"])
def test_a_timing_under_which_a_leader_could_outlast_its_lease_is_refused(seconds):
    with pytest.raises(ValueError, match="longer"):
        Timing(*seconds)


WEATHER = st.builds(
    Weather,
    before=st.sampled_from([0.0, 0.1, 1.0, 4.0, 12.0, 40.0]),
    after=st.sampled_from([0.0, 0.1, 2.0, 6.0, 20.0]),
    dropped=st.booleans(),
    unanswered=st.booleans(),
)


SPELLS = st.tuples(st.sampled_from([1, 5, 15, 25]), st.one_of(st.just(DEAF), st.just(FAIR), WEATHER))
CANDIDATES = st.tuples(st.lists(SPELLS, max_size=6), st.sampled_from([0.0, 3_600.0, -50.0]), st.sampled_from([0, 1, 7]))


@settings(deadline=None, max_examples=150)
@given(st.lists(CANDIDATES, min_size=2, max_size=3))
def test_there_are_never_two_leaders(candidates):
    """Nor does one lead again that has stopped.

    Wrong clocks, and a network that loses, delays and answers late; looked at every 100 ms of 90 seconds.
    """

    async def live(one, start):
        await asyncio.sleep(start)
        await one.acquire()
        await one.lost()

    async def story(loop):
        objects, most = {}, 0
        all_of_them = [
            candidate(loop, objects, f"candidate {n}", changing(loop, spells), wrong_by)
            for n, (spells, wrong_by, _) in enumerate(candidates)
        ]
        lives = [
            asyncio.ensure_future(live(one, start)) for one, (*_, start) in zip(all_of_them, candidates, strict=True)
        ]
        over = set()
        for _ in range(900):
            await asyncio.sleep(0.1)
            leaders = [one for one in all_of_them if one.held]
            most = max(most, len(leaders), *(2 for one in leaders if id(one) in over))
            over |= {id(one) for one in all_of_them if one._renewed_at is not None and not one.held}
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        return most

    assert run_virtually(story) <= 1


def changing(loop, spells):
    """The weather at each moment: `spells`, each for its seconds, and then fair weather for good."""
    ends = list(itertools.accumulate(seconds for seconds, _ in spells))

    def now():
        return next((weather for end, (_, weather) in zip(ends, spells, strict=True) if loop.elapsed < end), FAIR)

    return now
