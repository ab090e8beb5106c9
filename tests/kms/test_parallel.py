"""Doing the same to many things at once."""

from __future__ import annotations

import threading

import pytest

from reconciler.kms.parallel import each


@pytest.mark.parametrize("parallelism", [0, 1, 2, 8, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_answers_come_in_the_order_of_the_questions(parallelism: int, count: int) -> None:
    assert each(lambda n: n * n, range(count), parallelism) == [n * n for n in range(count)]


def test_one_at_a_time_stays_on_this_thread() -> None:
    assert set(each(lambda _: threading.current_thread(), range(5), 1)) == {threading.current_thread()}


def test_several_run_at_once_and_no_more_than_allowed() -> None:
    barrier = threading.Barrier(4, timeout=10)
    running = threading.Semaphore(4)

    def work(n: int) -> int:
        assert running.acquire(blocking=False)
        barrier.wait()
        running.release()
        return n

    assert each(work, range(8), 4) == list(range(8))


@pytest.mark.parametrize("parallelism", [1, 4])
def test_a_failure_stops_the_rest_and_is_raised(parallelism: int) -> None:
    done = []

    def work(n: int) -> None:
        if n == 3:
            raise LookupError(n)
        done.append(n)

    with pytest.raises(LookupError, match="3"):
        each(work, range(10_000), parallelism)
    assert len(done) < 10_000


def test_of_two_failures_the_earlier_question_is_told() -> None:
    barrier = threading.Barrier(2, timeout=10)

    def work(n: int) -> None:
        barrier.wait()
        raise LookupError(n)

    with pytest.raises(LookupError, match="0"):
        each(work, range(2), 2)
