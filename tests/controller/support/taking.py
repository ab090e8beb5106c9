"""A work queue without waiting."""

from __future__ import annotations

import asyncio

from tests.controller.cluster.virtual import VirtualLoop


class Taker:
    """Takes what is due now, and waits for nothing."""

    def __init__(self, queue):
        self._queue = queue
        self._loop = VirtualLoop()

    def take(self, most):
        """What is due, or None."""
        return self._loop.run_until_complete(self._take(most))

    def close(self):
        """No more is taken."""
        self._loop.close()

    async def _take(self, most):
        taking = asyncio.ensure_future(self._queue.take(most))
        await asyncio.sleep(0)
        if taking.done():
            return taking.result()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        return None
