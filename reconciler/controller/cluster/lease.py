"""One leader among the replicas: a Lease of coordination.k8s.io that the leader renews.

Whoever has lost the lease may not know yet what its successor does: it must end its process, not go on.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from reconciler.controller.cluster.election import Seen, Timing, claimed, may_claim, released, see
from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.refs import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.controller.cluster.client import Api
    from reconciler.kit.clock import Clock

_API_VERSION: Final = "coordination.k8s.io/v1"
_ATTEMPT: Final = 0.3
"""The share of the renew deadline that one attempt may take: a lost answer leaves time for another attempt."""
_RELEASE_TIMEOUT: Final = 3.0

logger = logging.getLogger(__name__)


class Leadership:
    """One candidate of one Lease.

    Args:
        api: the cluster.
        namespace: where the Lease is.
        name: what it is called.
        identity: who this is; no other process, nor this one after a restart, may ever have the same.
        clock: monotonic time decides; the time of day is written for people.
        timing: see `Timing`.
    """

    def __init__(
        self, api: Api, namespace: str, name: str, identity: str, *, clock: Clock, timing: Timing | None = None
    ) -> None:
        self._api = api
        self._all = path_of(_API_VERSION, "leases", namespace)
        self._path = path_of(_API_VERSION, "leases", namespace, name)
        self._metadata = {"name": name, "namespace": namespace}
        self._identity = identity
        self._clock = clock
        self._timing = timing or Timing()
        self._seen: Seen | None = None
        self._renewed_at: float | None = None
        self._lost = asyncio.Event()
        self._renewal: asyncio.Task[None] | None = None
        self._unsure = False
        """Whether the outcome of the last write is not known."""
        self._trouble = ""

    @property
    def held(self) -> bool:
        """Whether this is the leader at this moment. Costs nothing: ask before whatever only a leader may do."""
        return self._renewed_at is not None and not self._lost.is_set() and self._left() > 0

    @property
    def holder(self) -> str:
        """Who was last seen to hold the lease; empty when nobody was."""
        return self._seen.holder if self._seen else ""

    async def acquire(self) -> None:
        """Return once this is the leader; from then on the lease is renewed in the background."""
        # What it waits for is not in this process.
        while not await self._attempt(self._timing.renew_deadline * _ATTEMPT):  # noqa: ASYNC110
            await asyncio.sleep(self._until_next())
        logger.info("leading as %s", self._identity)
        self._renewal = asyncio.create_task(self._renew(), name="lease renewal")

    async def lost(self) -> None:
        """Return when this is the leader no more: somebody else is, or no renewal succeeded in time."""
        await self._lost.wait()

    async def release(self) -> None:
        """Stop renewing and let the next candidate in at once. Call it when all work has ended; never raises."""
        perhaps = self.held or self._unsure
        await self._stop_renewing()
        self._lost.set()
        if not perhaps:
            return
        try:
            async with asyncio.timeout(_RELEASE_TIMEOUT):
                await self._let_go()
        except (ApiError, TimeoutError) as error:
            logger.warning("the lease was not released and lapses by itself: %s", _told(error))

    async def _renew(self) -> None:
        while self._left() > 0:
            await asyncio.sleep(min(self._timing.retry, max(0.0, self._left())))
            await self._attempt(min(self._left(), self._timing.renew_deadline * _ATTEMPT))
            if self._seen is not None and self._seen.holder != self._identity:
                break
        logger.error("no longer the leader: %s", self._trouble or f"{self.holder or 'nobody'} holds the lease")
        self._lost.set()

    def _until_next(self) -> float:
        """Seconds until an attempt is worth it: none later than when the lease lapses that was last seen."""
        if self._seen is None or not self._seen.holder:
            return self._timing.retry
        lapses = self._seen.lapses(self._timing) - self._clock.monotonic()
        return min(self._timing.retry, lapses) if lapses > 0 else self._timing.retry

    def _left(self) -> float:
        """Seconds of leadership that the last renewal still gives."""
        renewed = self._renewed_at if self._renewed_at is not None else float("-inf")
        return renewed + self._timing.renew_deadline - self._clock.monotonic()

    async def _attempt(self, seconds: float) -> bool:
        """Take or renew the lease within `seconds`; whether that succeeded for certain."""
        try:
            async with asyncio.timeout(seconds):
                return await self._claim()
        except (ApiError, TimeoutError) as error:
            self._tell(_told(error))
            return False

    async def _claim(self) -> bool:
        renewing = self.held
        if self._unsure or not renewing:
            await self._look()
        if not may_claim(self._seen, self._identity, self._clock.monotonic(), self._timing):
            self._tell(f"{self.holder} is the leader", logging.INFO)
            return False
        begun = self._clock.monotonic()
        spec = claimed(self._seen, self._identity, self._clock.now(), self._timing)
        try:
            await self._write(spec)
        except ApiError as error:
            if not error.conflict and not error.not_found:
                raise
            await self._look()  # somebody was quicker, or it was deleted: the next attempt goes by what is there
            return False
        if renewing and not self.held:
            return False  # the answer came too late: who has stopped leading does not begin again
        self._renewed_at = begun
        self._trouble = ""
        return True

    async def _look(self) -> None:
        try:
            lease = await self._api.get(self._path)
        except ApiError as error:
            if not error.not_found:
                raise
            self._vanished()
            return
        self._seen = see(self._seen, lease, self._clock.monotonic())

    def _vanished(self) -> None:
        """There is no lease: only who has seen none, or a lapsed one, may make it."""
        if may_claim(self._seen, self._identity, self._clock.monotonic(), self._timing):
            self._seen = None

    async def _write(self, spec: Mapping[str, Any]) -> None:
        self._unsure = True
        if self._seen is None:
            body = {"apiVersion": _API_VERSION, "kind": "Lease", "metadata": self._metadata, "spec": spec}
            lease = await self._api.create(self._all, body)
        else:
            lease = await self._api.replace(self._path, {**self._seen.lease, "spec": spec})
        self._unsure = False
        self._seen = see(self._seen, lease, self._clock.monotonic())

    async def _let_go(self) -> None:
        await self._look()  # a renewal that was broken off may have been the last write
        if self._seen is not None and self._seen.holder == self._identity:
            await self._write(released(self._seen, self._clock.now()))

    async def _stop_renewing(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
            with suppress(asyncio.CancelledError):
                await self._renewal

    def _tell(self, trouble: str, level: int = logging.WARNING) -> None:
        """Say it once, and again only when it is something else."""
        if trouble != self._trouble:
            self._trouble = trouble
            logger.log(level, "lease: %s", trouble)


def _told(error: ApiError | TimeoutError) -> str:
    return str(error) or "the API server did not answer in time"
