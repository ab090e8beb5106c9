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
    """Rises with each entry of the heap, of which only the one with this number counts."""

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
    """Belongs to one event loop.

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
        self._lanes: dict[Item, Lane] = {}
        self._mates: dict[Lane, set[Item]] = {}
        """Of those that wait, as their lanes were when they were asked for last."""
        self._heap: list[tuple[bool, float, int, Item]] = []
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
        if entries is self._waiting:
            self._line_up(item)
            if before is None or (before.due, before.urgent) != (wanted.due, wanted.urgent):
                self._push(item, wanted)

    def forget(self, item: Item) -> None:
        """Look at `item` no more, unless it is asked for again."""
        self._leave(item)
        self._again.pop(item, None)

    def oldest(self) -> float:
        """Seconds that the item that is due the longest has been so; 0 when none is."""
        due = min((entry.due for entry in self._waiting.values()), default=None)
        return max(0.0, self._now() - due) if due is not None else 0.0

    async def take(self, most: int) -> Taken[Item]:
        """Up to `most` items that are due, all of one lane; waits until there is one."""
        while True:
            now = self._now()
            taken = self._due(most, now)
            if taken is not None:
                return taken
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), self._until_due(now))
            except TimeoutError:
                continue

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
                self._waiting[item] = again
                self._line_up(item)
                self._push(item, again)

    def _push(self, item: Item, entry: _Entry) -> None:
        self._number += 1
        entry.number = self._number
        heapq.heappush(self._heap, (*entry.rank, item))
        self._changed.set()

    def _line_up(self, item: Item) -> None:
        lane = self._lane_of(item)
        if self._lanes.get(item, lane) != lane:
            self._step_out(item)
        self._lanes[item] = lane
        self._mates.setdefault(lane, set()).add(item)

    def _step_out(self, item: Item) -> None:
        lane = self._lanes.pop(item)
        self._mates[lane].remove(item)
        if not self._mates[lane]:
            del self._mates[lane]

    def _leave(self, item: Item) -> _Entry | None:
        entry = self._waiting.pop(item, None)
        if entry is not None:
            self._step_out(item)
        return entry

    def _until_due(self, now: float) -> float | None:
        """Seconds until the next item is due; what is due already waits for others of its group to be done."""
        due = min((entry.due for entry in self._waiting.values() if entry.due > now), default=None)
        return None if due is None else max(_LEAST_WAIT, due - self._now())

    def _due(self, most: int, now: float) -> Taken[Item] | None:
        """The first item that is due and of no busy group, with others of its lane."""
        first = self._first(now)
        if first is None:
            return None
        lane = self._lane_of(first)
        mates = (item for item in self._mates.get(lane, ()) if item != first and self._waiting[item].due <= now)
        others = heapq.nsmallest(
            most - 1, (item for item in mates if self._lane_of(item) == lane), key=lambda item: self._waiting[item].rank
        )
        items = (first, *others)
        since = max(entry.since for item in items if (entry := self._leave(item)) is not None)
        self._taken.update(items)
        group = self._group_of(lane)
        self._busy[group] += 1
        return Taken(items, since, group)

    def _first(self, now: float) -> Item | None:
        later: list[tuple[bool, float, int, Item]] = []
        first: Item | None = None
        while self._heap and first is None:
            head = heapq.heappop(self._heap)
            entry = self._waiting.get(head[3])
            if entry is None or entry.number != head[2]:
                continue  # it was forgotten, taken, or asked for sooner
            if entry.due > now or self._is_busy(self._lane_of(head[3])):
                later.append(head)
            else:
                first = head[3]
        for head in later:
            heapq.heappush(self._heap, head)
        return first

    def _is_busy(self, lane: Lane) -> bool:
        return self._busy[self._group_of(lane)] >= self._at_once
