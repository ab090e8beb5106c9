"""What is to be looked at, each object once, when it is due.

An object that comes again while it waits is still looked at once; one that comes again while it is looked at is looked
at once more. What somebody asked for goes before what only the time of day asks for.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

_LEAST_WAIT: Final = 0.001
"""Seconds: timers may end a little early, and whoever waits for the rest of almost nothing waits busily."""

Item = TypeVar("Item", bound=Hashable)
Lane = TypeVar("Lane", bound=Hashable)


@dataclass(slots=True)
class _Entry:
    due: float
    urgent: bool
    since: float
    """When it was asked for last: what is read of the world from then on is new enough."""
    number: int = 0
    """Rises with each place that the item gets, of which only the one with this number counts."""

    @property
    def rank(self) -> tuple[bool, float, int]:
        """Urgent items first, then by when they were due."""
        return not self.urgent, self.due, self.number


@dataclass(frozen=True, slots=True)
class Taken(Generic[Item]):
    """Items of one lane, to be looked at together and then handed to `done`."""

    items: tuple[Item, ...]
    since: float
    """The latest instant at which one of them was asked for."""
    group: Hashable = None
    """What they stand on."""


class WorkQueue(Generic[Item, Lane]):
    """Belongs to one event loop. What waits for its time costs nothing, and what is due no more than its lane.

    Args:
        lane_of: items are taken together with those of their lane alone.
        now: seconds on a clock that never goes back.
        group_of: lanes of one group stand on the same thing, which may be slow or hang.
        at_once: how often items of one group may be taken until the first are done: the other groups go on.
    """

    def __init__(
        self,
        lane_of: Callable[[Item], Lane],
        now: Callable[[], float],
        *,
        group_of: Callable[[Lane], Hashable] = lambda lane: lane,
        at_once: float = math.inf,
    ) -> None:
        self._lane_of = lane_of
        self._now = now
        self._group_of = group_of
        self._at_once = at_once
        self._busy: Counter[Hashable] = Counter()
        self._waiting: dict[Item, _Entry] = {}
        self._later: list[tuple[float, int, Item]] = []
        """A heap of what is not due, by when it will be."""
        self._ready: dict[Lane, list[tuple[bool, float, int, Item]]] = {}
        """A heap a lane of what is due, by rank."""
        self._number = 0
        self._taken: set[Item] = set()
        self._again: dict[Item, _Entry] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._again)

    def add(self, item: Item, *, after: float = 0.0, urgent: bool = True) -> None:
        """Have `item` looked at in `after` seconds, or sooner if that was asked for already."""
        now = self._now()
        wanted = _Entry(now + after, urgent, now)
        entries = self._again if item in self._taken else self._waiting
        before = entries.get(item)
        if before is not None:
            wanted = _Entry(min(before.due, wanted.due), before.urgent or urgent, now, before.number)
        entries[item] = wanted
        if entries is self._waiting and (before is None or (before.due, before.urgent) != (wanted.due, wanted.urgent)):
            self._place(item, wanted)

    def forget(self, item: Item) -> None:
        """Look at `item` no more, unless it is asked for again."""
        self._waiting.pop(item, None)
        self._again.pop(item, None)

    def due(self) -> int:
        """How many items are due and not yet taken."""
        now = self._now()
        return sum(entry.due <= now for entries in (self._waiting, self._again) for entry in entries.values())

    def oldest(self) -> float:
        """Seconds that the item that is due the longest has been so; 0 when none is."""
        due = min((entry.due for entry in self._waiting.values()), default=None)
        return max(0.0, self._now() - due) if due is not None else 0.0

    async def take(self, most: int) -> Taken[Item]:
        """Up to `most` items that are due, all of one lane; waits until there is one."""
        while True:
            taken = self._due(most)
            if taken is not None:
                return taken
            self._changed.clear()
            # Not `wait_for`: before Python 3.12 that forgets to be cancelled when the event comes in the same instant.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_due()):
                    await self._changed.wait()

    def done(self, taken: Taken[Item]) -> None:
        """The items were looked at: those that came again meanwhile wait once more."""
        self._busy[taken.group] -= 1
        if not self._busy[taken.group]:
            del self._busy[taken.group]
        self._changed.set()
        for item in taken.items:
            self._taken.discard(item)
            again = self._again.pop(item, None)
            if again is not None:
                again.since = self._now()  # what was done for it until now is to be seen
                self._waiting[item] = again
                self._place(item, again)

    def _place(self, item: Item, entry: _Entry) -> None:
        self._number += 1
        entry.number = self._number
        if entry.due <= self._now():
            self._enter(self._lane_of(item), item)
        else:
            heapq.heappush(self._later, (entry.due, entry.number, item))
        self._changed.set()

    def _is_current(self, item: Item, number: int) -> bool:
        """Whether a place is the item's: it may have been forgotten, taken, or asked for sooner."""
        entry = self._waiting.get(item)
        return entry is not None and entry.number == number

    def _until_due(self) -> float | None:
        """Seconds until the next item is due; what is due already waits for others of its group to be done."""
        while self._later and not self._is_current(self._later[0][2], self._later[0][1]):
            heapq.heappop(self._later)
        return max(_LEAST_WAIT, self._later[0][0] - self._now()) if self._later else None

    def _due(self, most: int) -> Taken[Item] | None:
        """The first item that is due and of no busy group, with others of its lane."""
        self._line_up()
        while (lane := self._first_lane()) is not None:
            items = self._pop(lane, most)
            if items:
                since = max(self._waiting.pop(item).since for item in items)
                self._taken.update(items)
                group = self._group_of(lane)
                self._busy[group] += 1
                return Taken(items, since, group)
        return None

    def _line_up(self) -> None:
        """Put what has become due into its lane."""
        now = self._now()
        while self._later and self._later[0][0] <= now:
            _, number, item = heapq.heappop(self._later)
            if self._is_current(item, number):
                self._enter(self._lane_of(item), item)

    def _enter(self, lane: Lane, item: Item) -> None:
        heapq.heappush(self._ready.setdefault(lane, []), (*self._waiting[item].rank, item))

    def _first_lane(self) -> Lane | None:
        """The lane whose first item is the first of all that no busy group holds up."""
        first: tuple[tuple[bool, float, int], Lane] | None = None
        for lane in tuple(self._ready):
            heap = self._ready[lane]
            while heap and not self._is_current(heap[0][3], heap[0][2]):
                heapq.heappop(heap)
            if not heap:
                del self._ready[lane]
            elif self._busy[self._group_of(lane)] < self._at_once and (first is None or heap[0][:3] < first[0]):
                first = heap[0][:3], lane
        return first[1] if first else None

    def _pop(self, lane: Lane, most: int) -> tuple[Item, ...]:
        """The first items of a lane. Those that have come to be of another one meanwhile go there."""
        items: list[Item] = []
        heap = self._ready[lane]
        while heap and len(items) < most:
            _, _, number, item = heapq.heappop(heap)
            if self._is_current(item, number):
                now_of = self._lane_of(item)
                if now_of == lane:
                    items.append(item)
                else:
                    self._enter(now_of, item)
        return tuple(items)
