"""When each object is looked at: at once when somebody asks, later when it failed, and with all others for drift."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.health.failures import FailureKind, delay
from reconciler.controller.work.queue import Taken, WorkQueue

Lane = tuple[str, str, bool, bool]


class Agenda:
    """The queue, with what is known of earlier attempts. It belongs to one event loop.

    Args:
        lane_of: which objects can be looked at together.
        now: seconds on a clock that never goes back.
        chance: a number between 0 and 1, for the delays.
        at_once: batches of one Target that may be under way: the others go on, however long a Target takes.
    """

    def __init__(
        self,
        lane_of: Callable[[ObjectRef], Lane],
        now: Callable[[], float],
        chance: Callable[[], float] = random.random,
        *,
        at_once: float = math.inf,
    ) -> None:
        self._queue: WorkQueue[ObjectRef, Lane] = WorkQueue(
            lane_of, now, group_of=lambda lane: lane[1], at_once=at_once
        )
        self._chance = chance
        self._attempts: dict[ObjectRef, int] = {}

    def __len__(self) -> int:
        return len(self._queue)

    def due(self) -> int:
        """How many objects are due and not yet taken; those that failed and wait for their time are not."""
        return self._queue.due()

    def waits(self) -> float:
        """Seconds that the object that is due the longest has waited."""
        return self._queue.oldest()

    def ask(self, ref: ObjectRef) -> None:
        """Somebody wants `ref` looked at now: how often it failed before counts no more."""
        self._attempts.pop(ref, None)
        self._queue.add(ref)

    def routine(self, ref: ObjectRef) -> None:
        """`ref` is looked at when nothing more urgent waits."""
        self._queue.add(ref, urgent=False)

    def soon(self, ref: ObjectRef, seconds: float) -> None:
        """`ref` is looked at once more in so many seconds."""
        self._queue.add(ref, after=seconds)

    def again(self, ref: ObjectRef, kind: FailureKind) -> None:
        """`ref` failed: it is looked at later, and later each time, as its kind of failure says."""
        attempt = self._attempts[ref] = self._attempts.get(ref, 0) + 1
        seconds = delay(kind, attempt, self._chance)
        if seconds is not None:
            self._queue.add(ref, after=seconds, urgent=False)

    def well(self, ref: ObjectRef) -> None:
        """`ref` needs nothing more for now."""
        self._attempts.pop(ref, None)

    def forget(self, ref: ObjectRef) -> None:
        """`ref` is gone."""
        self._attempts.pop(ref, None)
        self._queue.forget(ref)

    async def take(self, most: int) -> Taken[ObjectRef]:
        """See `WorkQueue.take`."""
        return await self._queue.take(most)

    def done(self, taken: Taken[ObjectRef]) -> None:
        """See `WorkQueue.done`."""
        self._queue.done(taken)
