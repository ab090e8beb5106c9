from __future__ import annotations

import heapq
import inspect
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.apply.outcome import Outcome
from reconciler.apply.settle import MARGIN, VISIBILITY_WINDOW, create_one
from reconciler.apply.site import Done
from reconciler.apply.wait import CONSISTENCY_WINDOW
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock, SystemClock
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms.port import Kms
from reconciler.model.ownership import STACK_TAG, Ownership
from reconciler.plan.steps import CreateKey
from tests.apply.build import ROLE, STACK, create_key, live_keys, plan_of, planned, resource, run
from tests.apply.drive import drive, site_of
from tests.support.faulty import Fault, Faulty, lost_after, lost_before
from tests.support.lagging import Lagging


class Before:
    """Does something else just before the nth call (from 1) of an operation: another apply, say."""

    def __init__(self, kms: Kms, operation: str, something: Callable[[], object], nth: int = 1) -> None:
        self._kms = kms
        self._operation = operation
        self._something = something
        self._left = nth

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        if operation == self._operation:
            self._left -= 1
            if self._left == 0:
                self._something()
        return self._kms(operation, parameters)


def create(
    kms: Kms,
    clock: ManualClock,
    attempts: str = "attempt",
    step: CreateKey | None = None,
    *,
    immediate: bool = False,
) -> Done:
    return drive(create_one(step or create_key(), site_of(kms, clock, attempts, immediate=immediate)), clock)[0]


def states(kms: Kms) -> list[str]:
    return sorted(
        kms("DescribeKey", {"KeyId": k["KeyId"]})["KeyMetadata"]["KeyState"] for k in kms("ListKeys", {})["Keys"]
    )


def test_alone_the_created_key_is_gone_on_with(clock, engine_client):
    done = create(engine_client, clock)
    assert (done.key_id, done.notes) == (live_keys(engine_client)[0]["KeyId"], ())


def test_the_first_of_two_wins_and_the_second_gives_up_its_own(clock, engine_client):
    first = create(engine_client, clock, "a")
    second = create(engine_client, clock, "b")
    assert second.key_id == first.key_id
    assert states(engine_client) == ["Enabled", "PendingDeletion"]
    assert first.key_id in second.notes[0]


def test_the_winner_leaves_it_to_the_loser_to_give_up_its_key(clock, engine_client):
    first = create_one(create_key(), site_of(engine_client, clock, "a"))
    second = create_one(create_key(), site_of(engine_client, clock, "b"))
    next(first)
    next(second)
    won, _ = drive(first, clock)
    assert states(engine_client) == ["Enabled", "Enabled"]
    yielded, _ = drive(second, clock)
    assert yielded.key_id == won.key_id
    assert states(engine_client) == ["Enabled", "PendingDeletion"]


@pytest.mark.parametrize("operation", ["ListKeys", "CreateKey", "DescribeKey", "tagging:GetResources"])
@pytest.mark.parametrize("nth", [1, 2])
def test_another_whole_apply_in_between_leaves_one_key(clock, engine_client, operation, nth):
    others = []
    kms = Before(engine_client, operation, lambda: others.append(create(engine_client, clock, "b")), nth)
    done = create(kms, clock, "a")
    assert [key["KeyId"] for key in live_keys(engine_client)] == [done.key_id]
    assert [other.key_id for other in others] == [done.key_id] * len(others)


def test_a_given_up_key_waits_for_the_longest_window_and_keeps_its_tags(clock, engine_client):
    create(engine_client, clock, "a")
    loser = create(engine_client, clock, "b").notes[0].split("; ")[1].split(",")[0]
    metadata = engine_client("DescribeKey", {"KeyId": loser})["KeyMetadata"]
    assert timedelta(days=29) < metadata["DeletionDate"] - clock.now() <= timedelta(days=30)
    tags = {tag["TagKey"]: tag["TagValue"] for tag in engine_client("ListResourceTags", {"KeyId": loser})["Tags"]}
    assert Ownership.of(tags) == Ownership(STACK, "orders", 1)


@pytest.mark.parametrize(
    "step",
    [
        create_key("users"),
        create_key(owner=Ownership("other", "orders", 1), tags={}),
        create_key(owner=Ownership(STACK, "orders", 2), key=planned("orders", 2), tags={}),
    ],
    ids=["name", "stack", "generation"],
)
def test_keys_of_another_name_stack_or_generation_are_no_rivals(clock, engine_client, step):
    first = create(engine_client, clock, "a")
    second = create(engine_client, clock, "b", step)
    assert first.key_id != second.key_id
    assert states(engine_client) == ["Enabled", "Enabled"]


def test_a_key_that_awaits_deletion_is_no_rival(clock, engine_client):
    first = create(engine_client, clock, "a")
    engine_client("ScheduleKeyDeletion", {"KeyId": first.key_id})
    assert create(engine_client, clock, "b").key_id != first.key_id


def test_a_key_that_was_disowned_is_no_rival_though_the_tagging_service_still_shows_it(clock, engine_client):
    first = create(engine_client, clock, "a")
    stale = engine_client("tagging:GetResources", {})["ResourceTagMappingList"]
    engine_client("UntagResource", {"KeyId": first.key_id, "TagKeys": [STACK_TAG]})

    def kms(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        answer = engine_client(operation, parameters)
        if operation == "tagging:GetResources":
            answer["ResourceTagMappingList"] += stale
        return answer

    second = create(kms, clock, "b")
    assert second.key_id != first.key_id
    assert states(engine_client) == ["Enabled", "Enabled"]


def test_a_rival_that_vanishes_is_no_rival(clock, engine_client):
    first = create(engine_client, clock, "a")
    engine_client("ScheduleKeyDeletion", {"KeyId": first.key_id, "PendingWindowInDays": 7})
    vanishing = Before(engine_client, "ListResourceTags", lambda: clock.advance(timedelta(days=8)))
    second = create(vanishing, clock, "b")
    assert [key["KeyId"] for key in live_keys(engine_client)] == [second.key_id]


def test_a_rival_that_cannot_be_described_stops_the_step(clock, engine_client):
    create(engine_client, clock, "a")
    denied = KmsError("AccessDeniedException", "no", operation="DescribeKey")
    with pytest.raises(KmsError) as told:
        create(Faulty(engine_client, Fault(denied, "DescribeKey", nth=3)), clock, "b")
    assert told.value is denied


@pytest.mark.parametrize("lost", [lost_after, lost_before], ids=["answer lost", "request lost"])
def test_a_lost_answer_and_a_rival_still_end_with_one_key(clock, engine_client, lost):
    first = create(engine_client, clock, "a")
    second = create(Faulty(engine_client, lost("CreateKey")), clock, "b")
    assert second.key_id == first.key_id
    assert [key["KeyId"] for key in live_keys(engine_client)] == [first.key_id]


def test_two_keys_of_one_attempt_of_which_the_first_showed_too_late_end_as_one(clock, engine_client):
    def kms(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        answer = engine_client(operation, parameters)
        if clock.monotonic() <= CONSISTENCY_WINDOW and operation in ("ListKeys", "tagging:GetResources"):
            return {name: [] for name in answer if name != "Truncated"}
        return answer

    faulty = Faulty(kms, lost_after("CreateKey"))
    done = create(faulty, clock)
    assert faulty.count("CreateKey") == 2
    assert [key["KeyId"] for key in live_keys(engine_client)] == [done.key_id]


@pytest.mark.parametrize("use", ["alias", "grant"])
def test_a_second_key_that_somebody_already_uses_is_kept_and_told(clock, engine_client, use):
    first = create(engine_client, clock, "a")

    def meddle() -> None:
        [own] = {key["KeyId"] for key in live_keys(engine_client)} - {first.key_id}
        if use == "alias":
            engine_client("CreateAlias", {"AliasName": "alias/mine", "TargetKeyId": own})
        else:
            engine_client("CreateGrant", {"KeyId": own, "GranteePrincipal": ROLE, "Operations": ["Decrypt"]})

    with pytest.raises(KmsctlError, match="has an alias or a grant already"):
        create(Before(engine_client, "DescribeKey", meddle), clock, "b")
    assert states(engine_client) == ["Enabled", "Enabled"]


def test_the_pause_before_deciding_is_longer_than_the_measured_lag(clock, engine_client):
    kms = Lagging(engine_client, clock, tagging_lag=20)
    began = clock.monotonic()
    done, pauses = drive(create_one(create_key(), site_of(kms, clock)), clock)
    assert done.notes == ()
    assert pauses[-1] > 20
    assert clock.monotonic() - began < 60


def test_a_wait_for_ones_turn_makes_no_pause_longer(clock, engine_client):
    def kms(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        clock.sleep(8.0 if operation in ("CreateKey", "tagging:GetResources") else 0.0)
        return engine_client(operation, parameters)

    _, pauses = drive(create_one(create_key(), site_of(kms, clock)), clock)
    assert pauses == [MARGIN]


def test_a_kms_that_shows_at_once_what_was_written_is_not_waited_for(clock, engine_client):
    done, pauses = drive(create_one(create_key(), site_of(engine_client, clock, immediate=True)), clock)
    assert (done.key_id, done.notes, pauses) == (live_keys(engine_client)[0]["KeyId"], (), [])


def test_a_key_that_does_not_show_in_time_is_gone_on_with_and_told(clock, engine_client):
    kms = Lagging(engine_client, clock, tagging_lag=99999)
    began = clock.monotonic()
    done = create(kms, clock)
    assert done.key_id == live_keys(engine_client)[0]["KeyId"]
    assert "does not show" in done.notes[0]
    assert VISIBILITY_WINDOW < clock.monotonic() - began < VISIBILITY_WINDOW + 15


def test_a_key_that_shows_and_vanishes_again_is_looked_at_once_more(clock, engine_client):
    looks = 0

    def kms(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal looks
        looks += operation == "tagging:GetResources"
        hidden = operation == "tagging:GetResources" and looks == 2
        return {"ResourceTagMappingList": []} if hidden else engine_client(operation, parameters)

    _, pauses = drive(create_one(create_key(), site_of(kms, clock)), clock)
    assert (looks, len(pauses)) == (4, 3)


def test_a_key_that_kms_does_not_know_yet_is_waited_for_though_the_tagging_service_shows_it(clock, engine_client):
    gone = Fault(KmsError("NotFoundException", "not here"), "DescribeKey")
    faulty = Faulty(engine_client, gone)
    _, pauses = drive(create_one(create_key(), site_of(faulty, clock)), clock)
    assert (faulty.count("DescribeKey"), len(pauses)) == (2, 2)


def test_an_interrupted_step_tells_its_key_and_decides_nothing(clock, engine_client):
    create(engine_client, clock, "a")
    done, _ = drive(create_one(create_key(), site_of(engine_client, clock, "b")), clock, interrupted_at=0)
    assert done.key_id in {key["KeyId"] for key in live_keys(engine_client)}
    assert "interrupted" in done.notes[0]
    assert states(engine_client) == ["Enabled", "Enabled"]


class Turnstile:
    """Lets the calls of several threads through one by one, in an order that is drawn."""

    def __init__(self, kms: Kms, clock: ManualClock, count: int, order: list[int]) -> None:
        self._kms = kms
        self._clock = clock
        self._order = order
        self._changed = threading.Condition()
        self._waiting: dict[int, bool] = {}
        self._working = count

    def enter(self, runner: int, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        with self._changed:
            self._waiting[runner] = False
            self._admit()
            self._changed.wait_for(lambda: self._waiting[runner])
            del self._waiting[runner]
        return self._kms(operation, parameters)

    def leave(self) -> None:
        with self._changed:
            self._working -= 1
            self._admit()

    def _admit(self) -> None:
        if len(self._waiting) == self._working and self._waiting and not any(self._waiting.values()):
            runners = sorted(self._waiting)
            self._waiting[runners[(self._order.pop() if self._order else 0) % len(runners)]] = True
            self._changed.notify_all()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(count=st.integers(2, 3), order=st.lists(st.integers(0, 2), max_size=60), immediate=st.booleans())
def test_however_the_calls_of_several_applies_interleave_all_end_with_the_one_key(count, order, immediate):
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    with TemporaryDirectory() as folder, Engine.open(Path(folder), clock=clock) as engine:
        client = engine.client()
        turnstile = Turnstile(client, clock, count, order)
        ended: dict[int, Done] = {}

        def apply(runner: int) -> None:
            try:
                kms = lambda operation, parameters: turnstile.enter(runner, operation, parameters)  # noqa: E731
                ended[runner] = create(kms, clock, f"run-{runner}", immediate=immediate)
            finally:
                turnstile.leave()

        threads = [threading.Thread(target=apply, args=(runner,)) for runner in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [key["KeyId"] for key in live_keys(client)] == [ended[0].key_id]
        assert {done.key_id for done in ended.values()} == {ended[0].key_id}
        assert len(ended) == count


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    starts=st.lists(st.integers(0, 90_000), min_size=2, max_size=4),
    tagging_lag=st.integers(0, 40_000),
    lag=st.integers(0, 5_000),
)
def test_however_far_reads_lag_and_whenever_applies_start_all_end_with_the_one_key(starts, tagging_lag, lag):
    """Times in milliseconds. Every claimant lives in one simulated time; the one whose pause ends first goes on."""
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    with TemporaryDirectory() as folder, Engine.open(Path(folder), clock=clock) as engine:
        client = engine.client()
        kms = Lagging(client, clock, lag=lag / 1000, tagging_lag=tagging_lag / 1000)
        due = [
            (start / 1000, place, create_one(create_key(), site_of(kms, clock, f"run-{place}")))
            for place, start in enumerate(starts)
        ]
        ended = []
        heapq.heapify(due)
        while due:
            at, place, work = heapq.heappop(due)
            clock.sleep(max(0.0, at - clock.monotonic()))
            try:
                pause = next(work) if inspect.getgeneratorstate(work) == inspect.GEN_CREATED else work.send(False)
                heapq.heappush(due, (clock.monotonic() + pause.seconds, place, work))
            except StopIteration as stop:
                ended.append(stop.value)
        assert {done.key_id for done in ended} == {key["KeyId"] for key in live_keys(client)}
        assert len(live_keys(client)) == 1


def test_two_whole_applies_in_one_process_end_with_one_key_a_name(tmp_path):
    plan = plan_of(*(change for name in ("a", "b", "c") for change in resource(name)))
    with Engine.open(tmp_path) as engine, ThreadPoolExecutor(2) as pool:
        client = engine.client()
        together = threading.Barrier(2)

        def work() -> Outcome:
            together.wait(10)
            return run(plan, client, SystemClock(), 4)

        outcomes = [future.result() for future in [pool.submit(work) for _ in range(2)]]
        assert [outcome.ok for outcome in outcomes] == [True, True]
        assert outcomes[0].created == outcomes[1].created
        assert {key["KeyId"] for key in live_keys(client)} == set(outcomes[0].created.values())
        for key_id in outcomes[0].created.values():
            assert len(client("ListGrants", {"KeyId": key_id})["Grants"]) == 1
