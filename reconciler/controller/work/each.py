"""The same for several objects at once, where what one of them fails at keeps no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from reconciler.controller.objects.seen import Seen

Answer = TypeVar("Answer")


async def each(
    act: Callable[[Seen], Awaitable[Answer]],
    objects: Iterable[Seen],
    *,
    at_once: int,
    failed: Callable[[Seen, Exception], None],
) -> list[Answer]:
    """What `act` gives for each object, in their order; without those that `failed` was told of.

    Args:
        act: makes requests to the API server.
        objects: of which.
        at_once: the most that are under way.
        failed: hears of requests that the API server did not take, and of faults of our own.
    """
    gate = asyncio.Semaphore(at_once)

    async def one(seen: Seen) -> list[Answer]:
        async with gate:
            try:
                return [await act(seen)]
            except Exception as error:  # noqa: BLE001  whatever is wrong with one object keeps no other
                failed(seen, error)
                return []

    return [answer for answers in await asyncio.gather(*map(one, objects)) for answer in answers]
