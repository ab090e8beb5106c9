"""The table of counts that processes share."""

from __future__ import annotations

import multiprocessing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.instants import DAY, SECOND
from reconciler.engine.store.request_counts import Counted, Counters


@pytest.fixture
def counters(tmp_path):
    made = Counters(tmp_path / "counts")
    yield made
    made.close()


def test_a_window_takes_what_its_rate_says_and_then_nothing(counters):
    one = [Counted.of("a", 1, 3)]
    assert [counters.take(one, 0) for _ in range(4)] == [True, True, True, False]
    assert counters.take(one, SECOND)


def test_a_call_counts_against_all_of_its_quotas_or_none(counters):
    wide, narrow = Counted.of("wide", 1, 2), Counted.of("narrow", 1, 1)
    assert counters.take([wide, narrow], 0)
    assert not counters.take([wide, narrow], 0)
    assert counters.take([wide], 0)
    assert not counters.take([wide], 0)


def test_what_costs_more_than_the_quota_passes_once_in_a_window(counters):
    assert counters.take([Counted.of("a", 3, 2)], 0)
    assert not counters.take([Counted.of("a", 3, 2)], 0)


def test_a_clock_that_is_a_moment_behind_counts_in_the_newer_window(counters):
    assert counters.take([Counted.of("a", 1, 1)], SECOND)
    assert not counters.take([Counted.of("a", 1, 1)], SECOND - 1)


def test_what_was_counted_in_a_time_that_was_taken_back_is_forgotten(counters):
    assert counters.take([Counted.of("a", 1, 1)], 400 * DAY)
    assert counters.take([Counted.of("a", 1, 1)], SECOND)
    assert not counters.take([Counted.of("a", 1, 1)], SECOND)


def test_short_and_long_windows_live_side_by_side(counters):
    slow, quick = [Counted.of("slow", 1, 0.1)], [Counted.of("quick", 1, 1)]
    taken = [(counters.take(slow, second * SECOND), counters.take(quick, second * SECOND)) for second in range(20)]
    assert [second for second, (slow_one, _) in enumerate(taken) if slow_one] == [0, 10]
    assert all(quick_one for _, quick_one in taken)


def test_the_table_forgets_when_it_is_full_and_never_fails(counters):
    for now in (9 * DAY, 0):
        for index in range(20_000):
            assert counters.take([Counted.of(f"{now} {index}", 1, 1)], now)


def test_the_file_is_for_its_owner_alone(counters, tmp_path):
    assert (tmp_path / "counts").stat().st_mode & 0o777 == 0o600


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3 * SECOND)), max_size=60))
def test_no_window_ever_passes_more_than_its_rate(tmp_path_factory, calls):
    counters = Counters(tmp_path_factory.mktemp("counts") / "counts")
    passed = {}
    for name, now in sorted(calls, key=lambda call: call[1]):
        if counters.take([Counted.of(name, 1, 2)], now):
            passed[name, now // SECOND] = passed.get((name, now // SECOND), 0) + 1
    counters.close()
    assert all(count <= 2 for count in passed.values())


def _take(path, results):
    counters = Counters(path)
    results.put(sum(counters.take([Counted.of("a", 1, 500)], 0) for _ in range(400)))
    counters.close()


def test_processes_share_one_count_exactly(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=_take, args=(tmp_path / "counts", results)) for _ in range(2)]
    for process in processes:
        process.start()
    total = sum(results.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    assert total == 500
