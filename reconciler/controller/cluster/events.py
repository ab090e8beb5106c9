"""Events of objects, for `kubectl describe` and `kubectl get events`.

They are told in the background and lost rather than waited for: nothing that reconciles depends on them.

Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.refs import API_VERSION, ObjectRef, path_of
from reconciler.controller.cluster.series import Likeness, Memory
from reconciler.controller.logs import about

if TYPE_CHECKING:
    from reconciler.controller.cluster.client import Api
    from reconciler.kit.clock import Clock

_API_VERSION: Final = "events.k8s.io/v1"
_LEVELS: Final = {"Normal": logging.INFO}
_ACTION: Final = "Reconcile"
_CLUSTER_SCOPED: Final = "default"
"""The namespace of events about what is in none, as the API server demands."""
_WAITING: Final = 2_000
"""Events not yet told; more are lost."""
_ATTEMPTS: Final = 5
_RETRY_SECONDS: Final = 5.0
_FAREWELL_SECONDS: Final = 3.0
_NOTE_BYTES: Final = 1_024
"""As the API has it for `note`; `reason` and `reportingInstance` have 128."""
_SHORT: Final = 128

logger = logging.getLogger(__name__)


class Event(Protocol):
    """What there is to tell; `reconciler.controller.health.events.Event` is one."""

    @property
    def type(self) -> str:
        """`Normal` or `Warning`."""
        ...

    @property
    def reason(self) -> str:
        """One word."""
        ...

    @property
    def message(self) -> str:
        """For people."""
        ...


@dataclass(frozen=True, slots=True)
class _Told:
    likeness: Likeness
    at: datetime


class Recorder:
    """Tells events, from one event loop.

    Args:
        api: the cluster.
        component: who tells, as a qualified name: `kms.reconciler.dev/kmsctl-operator`.
        instance: which replica of it.
        clock: the time of events, and of what counts as the same one again.
        sleep: waits, in seconds, before an event is tried again.
    """

    def __init__(
        self,
        api: Api,
        component: str,
        instance: str,
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._reporter = {"reportingController": component, "reportingInstance": instance[:_SHORT]}
        self._clock = clock
        self._sleep = sleep
        self._memory = Memory()
        self._queue: asyncio.Queue[_Told] = asyncio.Queue(_WAITING)
        self._teller: asyncio.Task[None] | None = None

    def tell(self, ref: ObjectRef, uid: str, events: Sequence[Event]) -> None:
        """Tell `events` of the object soon, and the log at once. Never raises, never waits."""
        for event in events:
            with about(ref, uid):
                logger.log(_LEVELS.get(event.type, logging.WARNING), "%s: %s", event.reason, event.message)
            likeness = Likeness(ref, uid, event.type, str(event.reason)[:_SHORT], _clipped(event.message))
            try:
                self._queue.put_nowait(_Told(likeness, self._clock.now()))
            except asyncio.QueueFull:
                logger.warning("an event of %s is lost: too many wait to be told", ref)
        if events and self._teller is None:
            self._teller = asyncio.create_task(self._tell_all(), name="events")

    async def stop(self) -> None:
        """Tell what waits, for a few seconds at most, and end."""
        if self._teller is None:
            return
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._queue.join()
        except TimeoutError:
            logger.warning("%d events are lost: the API server does not take them", self._queue.qsize())
        self._teller.cancel()
        await asyncio.gather(self._teller, return_exceptions=True)
        self._teller = None

    async def _tell_all(self) -> None:
        while True:
            told = await self._queue.get()
            try:
                await self._tell(told)
            except Exception as error:  # noqa: BLE001  whatever it is, the next event may do better
                expected = isinstance(error, ApiError) and error.terminating
                level = logging.DEBUG if expected else logging.WARNING
                logger.log(level, "an event of %s is lost: %s", told.likeness.ref, _why(error))
            finally:
                self._queue.task_done()

    async def _tell(self, told: _Told) -> None:
        now = self._clock.monotonic()
        likeness = told.likeness
        series = self._memory.again(likeness, now)
        if not self._memory.allowed(likeness.ref, likeness.uid, now):
            return  # the count of its series goes on, and is told with the next one that may be
        if series is None:
            await self._begin(told, now)
            return
        change = {"series": {"count": series.count, "lastObservedTime": _micro_time(told.at)}}
        try:
            await self._patiently(lambda: self._api.patch(series.path, change))
        except ApiError as error:
            self._memory.forget(likeness)
            if not error.not_found:
                raise
            await self._begin(told, now)  # the API server keeps events for an hour

    async def _begin(self, told: _Told, now: float) -> None:
        body = self._event(told)
        everywhere = path_of(_API_VERSION, "events", body["metadata"]["namespace"])
        await self._patiently(lambda: self._api.create(everywhere, body))
        self._memory.begin(told.likeness, f"{everywhere}/{body['metadata']['name']}", now)

    def _event(self, told: _Told) -> dict[str, Any]:
        what, ref = told.likeness, told.likeness.ref
        regarding = {"apiVersion": API_VERSION, "kind": ref.kind, "name": ref.name, "uid": what.uid}
        if ref.namespace:
            regarding["namespace"] = ref.namespace
        name = f"{ref.name[:200].rstrip('.-')}.{secrets.token_hex(8)}"
        return {
            "apiVersion": _API_VERSION,
            "kind": "Event",
            "metadata": {"name": name, "namespace": ref.namespace or _CLUSTER_SCOPED},
            "eventTime": _micro_time(told.at),
            "action": _ACTION,
            "type": what.type,
            "reason": what.reason,
            "note": what.message,
            "regarding": regarding,
            **self._reporter,
        }

    async def _patiently(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Ask again while the API server is not there. An event that was taken without an answer exists already."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await ask()
                return
            except ApiError as error:
                if error.conflict and attempt > 1:
                    return
                if not error.unreachable or attempt == _ATTEMPTS:
                    raise
            await self._sleep(_RETRY_SECONDS)


def _clipped(text: str) -> str:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= _NOTE_BYTES:
        return encoded.decode("utf-8")
    return encoded[: _NOTE_BYTES - 3].decode("utf-8", "ignore") + "…"


def _micro_time(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, ApiError) else type(error).__name__
