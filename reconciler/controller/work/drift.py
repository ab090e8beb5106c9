"""The check for drift: now and then every object is looked at, with the lists of each Target read once for all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from reconciler.controller.objects.cache import Cache
from reconciler.controller.work.agenda import Agenda
from reconciler.controller.work.connections import Connections

logger = logging.getLogger(__name__)

_EARLIEST: Final = 1.0
"""Seconds: no check follows the last one sooner, however short the interval."""


async def check_for_drift(
    agenda: Agenda,
    cache: Cache,
    connections: Connections,
    interval: float,
    recount: Callable[[], Awaitable[None]],
) -> None:
    """Have all objects looked at every `interval` seconds, until this is cancelled.

    Everything is asked for at one instant, so lists that are read once from then on are new enough for all. Before
    that, `recount` forgets what is gone and was not heard of.
    """
    while True:
        await asyncio.sleep(max(interval, _EARLIEST))
        await recount()
        count = 0
        for seen in cache.all():
            if not seen.deleting and not seen.asked.paused:
                agenda.routine(seen.ref)
                count += 1
        logger.debug("checking %d objects for drift", count)
        connections.forget_lists()
