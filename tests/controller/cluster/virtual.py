"""An event loop whose time is virtual: nothing waits, and sleeping candidates meet as they would in real time."""

from __future__ import annotations

import asyncio
import selectors
from datetime import UTC, datetime, timedelta


class _Selector(selectors.SelectSelector):
    """Has nothing to select; a wait moves the loop's time instead."""

    loop: VirtualLoop

    def select(self, timeout=None):
        self.loop.elapsed += timeout or 0.0
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time passes when everybody waits for it."""

    def __init__(self):
        selector = _Selector()
        selector.loop = self
        self.elapsed = 0.0
        super().__init__(selector)

    def time(self):
        return self.elapsed


class LoopClock:
    """The loop's time as one process sees it: with a clock set wrongly, by so many seconds."""

    def __init__(self, loop: VirtualLoop, wrong_by: float = 0.0):
        self._loop = loop
        self._wrong_by = wrong_by

    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=self._loop.elapsed + self._wrong_by)

    def monotonic(self) -> float:
        return self._loop.elapsed + 1_000 * self._wrong_by

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody blocks the loop")


def run_virtually(story):
    """What `story(loop)` returns, in no time."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(story(loop))
    finally:
        loop.run_until_complete(_end_the_rest())
        loop.close()


async def _end_the_rest():
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
