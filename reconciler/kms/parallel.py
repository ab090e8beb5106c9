"""Do the same to many things at once, with the answers in the order of the questions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each(function: Callable[[T], R], items: Sequence[T], parallelism: int) -> list[R]:
    """`function` of every item, at most `parallelism` at once; 1 stays on this thread.

    Workers fetch their items one by one, so that a long list costs no queue. After a failure no further item is
    begun, and the failure of the earliest item is raised.
    """
    if parallelism <= 1 or len(items) <= 1:
        return [function(item) for item in items]
    results: dict[int, R] = {}
    failures: dict[int, Exception] = {}
    indices = iter(range(len(items)))
    lock, stop = threading.Lock(), threading.Event()

    def work() -> None:
        while not stop.is_set():
            with lock:
                index = next(indices, None)
            if index is None:
                return
            try:
                results[index] = function(items[index])
            except Exception as error:  # noqa: BLE001  raised again below, on the caller's thread
                failures[index] = error
                stop.set()

    pool = ThreadPoolExecutor(min(parallelism, len(items)), thread_name_prefix="observe")
    try:
        wait([pool.submit(work) for _ in range(min(parallelism, len(items)))])
    finally:
        stop.set()
        pool.shutdown(wait=False)  # an interrupted caller does not wait for answers that nobody wants any more
    if failures:
        raise failures[min(failures)]
    return [results[index] for index in range(len(items))]
