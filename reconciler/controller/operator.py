"""The operator put together: what starts, in which order, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from reconciler.controller.admission.neighbourhood import Known
from reconciler.controller.cluster.definitions import await_definitions, missing
from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.events import Recorder
from reconciler.controller.cluster.fence import Fence
from reconciler.controller.cluster.lease import Leadership
from reconciler.controller.cluster.login import connect
from reconciler.controller.cluster.refs import API_VERSION, GROUP, RESOURCES, ObjectRef, path_of
from reconciler.controller.counts import snapshot
from reconciler.controller.metrics import Metrics, metered
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import Seen
from reconciler.controller.settings import Settings
from reconciler.controller.vitals import Vitals
from reconciler.controller.work.agenda import Agenda
from reconciler.controller.work.awaited import AwaitedSecrets
from reconciler.controller.work.batches import Batches
from reconciler.controller.work.connections import Connections
from reconciler.controller.work.drift import check_for_drift
from reconciler.controller.work.intake import Intake
from reconciler.controller.work.reconcile import Reconciler, Surroundings
from reconciler.controller.work.safety import Safety
from reconciler.controller.work.secrets import credentials_in
from reconciler.controller.work.standalone import Standalone
from reconciler.controller.work.writing import Writer
from reconciler.kit.clock import SystemClock
from reconciler.kit.errors import KmsctlError
from reconciler.kms.observe import INDEX_LAG
from reconciler.manifest.checks.targets import target_of
from reconciler.manifest.documents import KEY_KINDS, ManifestKind
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from reconciler.workflow.environment import Environment

logger = logging.getLogger(__name__)

COMPONENT: Final = "kms.reconciler.dev/kmsctl-operator"
PARALLELISM: Final = 16
"""Calls of one batch in flight at once."""
_OPENERS: Final = 16
"""Targets that are opened at once: one whose endpoint does not answer takes a while, and holds up neither other Targets
nor a worker."""
_RECOUNT_SECONDS: Final = 3.0
"""After which numbers in a status are right again: all that changes meanwhile is one write."""


class Operator:
    """One replica. Everything in it belongs to one event loop, but for the threads that talk to KMSs.

    Args:
        settings: see `Settings`.
        vitals: hears what is worked on.
        lost: is called when this replica leads no more, and must end.
    """

    def __init__(self, settings: Settings, vitals: Vitals, lost: Callable[[], None]) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._lost = lost
        self._vitals = vitals
        self._clock = SystemClock()
        environment = Environment.of(os.environ, self._clock)
        self._api = connect(observe=self.metrics.asked_api, clock=self._clock)
        self._pool = ThreadPoolExecutor(settings.workers + 1, thread_name_prefix="kms")
        self._openers = ThreadPoolExecutor(_OPENERS, thread_name_prefix="target")
        self._interrupt = Fence(self._may_act)
        self._recorder = Recorder(self._api, COMPONENT, settings.identity, clock=self._clock)
        self._leadership = self._candidate()
        self._tasks: list[asyncio.Task[None]] = []
        self._leads = False
        cache = self.cache = Cache(TargetName(settings.target))
        at_once = max(1, settings.workers // 2)
        self._connections = Connections(
            environment,
            parallelism=PARALLELISM,
            at_once=at_once,
            around=lambda kms: metered(kms, self.metrics),
            swept=self.metrics.swept,
        )
        self._safety = Safety(cache, self._connections)
        batches = Batches(cache, self._connections, settings.cluster_name)
        self.agenda = Agenda(batches.lane_of, self._clock.monotonic, at_once=at_once)
        self.intake = Intake(
            cache, self.agenda.ask, self._forget, recount=lambda ref: self.agenda.soon(ref, _RECOUNT_SECONDS)
        )
        self._awaited = AwaitedSecrets(self._api, self.agenda.ask)
        credentials = partial(credentials_in, self._api, settings.operator_namespace)
        standalone = Standalone(credentials, self._awaited, cache, self._connections, self._openers, self.intake.wake)
        self._reconciler = Reconciler(
            Surroundings(
                api=self._api,
                cache=cache,
                agenda=self.agenda,
                batches=batches,
                writer=Writer(self._api, self.intake.answered, self._recorder, self._clock, may=self._may_act),
                standalone=standalone,
                safety=self._safety,
                awaited=self._awaited,
                metrics=self.metrics,
                vitals=vitals,
                environment=environment,
                parallelism=PARALLELISM,
                interrupt=self._interrupt,
            ),
            self._pool,
        )
        self.metrics.show(
            lambda: snapshot(cache, self.agenda, self._connections, leader=self._leads and self._may_act())
        )

    def known(self) -> Known:
        """What the webhook can know: nothing, before the objects were listed."""
        return Known(self._targets, self.settings.target, self._declared, self.settings.webhook_lint)

    async def lead(self) -> None:
        """Return once this replica may work, and knows everything that there is to work on.

        Definitions that are missing are waited for, and before it leads: the replica that does may know older ones.

        Raises:
            KmsctlError: objects may not be listed.
        """
        await self._definitions()
        if self._leadership is not None:
            await self._leadership.acquire()
            self._spawn(self._watch_over(self._leadership), "leadership")
        await self._list()
        self._leads = True

    def work(self) -> None:
        """Begin to work on what is noted.

        Each worker takes batches of another size: they end at other times, so that while one looks at what it has done
        the others use the account's quotas, and what is urgent never waits for the largest.
        """
        for number in range(1, self.settings.workers + 1):
            most = max(1, self.settings.batch * number // self.settings.workers)
            self._spawn(self._reconciler.work(most), f"worker {number}")
        self._spawn(self._awaited.watch(), "secrets")
        interval = self.settings.drift_interval.total_seconds()
        self._spawn(check_for_drift(self.agenda, self.cache, self._connections, interval, self._recount), "drift")

    async def absent(self) -> tuple[str, ...]:
        """The definitions that are not there."""
        return await missing(self._api)

    async def stop(self) -> None:
        """End: calls in flight are finished, nothing new begins, and the next replica may lead at once."""
        self._interrupt.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pool in (self._pool, self._openers):
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)
        self._leads = False
        await self._recorder.stop()
        if self._leadership is not None:
            await self._leadership.release()
        self._connections.close()
        await self._api.close()

    async def _list(self) -> None:
        """Note every object before the first is looked at: what one refers to may be listed after it."""
        for kind, resource in RESOURCES.items():
            for namespace in (self.settings.namespaces if resource.namespaced else ()) or ("",):
                for item in await self._listed(resource.plural, namespace):
                    self.cache.put({**item, "apiVersion": API_VERSION, "kind": kind})
        for seen in self.cache.all():
            self.agenda.routine(seen.ref)
            if seen.kind in KEY_KINDS and seen.finalized and not seen.status.get("keyId"):
                self.cache.doubtful.add(seen.ref)
        self._spawn(self._trust(), "trust")
        for seen in self.cache.all():
            if seen.kind is ManifestKind.TARGET:
                self.agenda.ask(seen.ref)
        logger.info("%d objects are there", len(self.cache))

    async def _recount(self) -> None:
        """Forget objects whose end no watch has shown: it was broken off for too long.

        Those with our finalizer as well, which somebody may have let go by hand.
        """
        by_kind: defaultdict[ManifestKind, list[Seen]] = defaultdict(list)
        for seen in self.cache.all():
            by_kind[seen.kind].append(seen)
        for kind, known in by_kind.items():
            try:
                there = {uid async for uid in self._uids(kind)}
            except ApiError as error:
                logger.info("objects that are gone are not looked for: %s", error)
                return
            for seen in known:
                if seen.uid not in there:
                    self.intake.gone({"kind": str(kind), "metadata": {**_named(seen.ref), "uid": seen.uid}})

    async def _uids(self, kind: ManifestKind) -> AsyncIterator[str]:
        resource = RESOURCES[kind]
        for namespace in (self.settings.namespaces if resource.namespaced else ()) or ("",):
            async for item in self._api.list_metadata(path_of(API_VERSION, resource.plural, namespace)):
                yield item["metadata"]["uid"]

    async def _trust(self) -> None:
        """After a while the tagging index lists whatever a replica before this one has made."""
        await asyncio.sleep(INDEX_LAG.total_seconds())
        self.cache.doubtful.clear()

    async def _listed(self, plural: str, namespace: str) -> list[dict[str, Any]]:
        try:
            return await self._api.list(path_of(API_VERSION, plural, namespace))
        except ApiError as error:
            if not error.not_found or not await missing(self._api):
                fix = "see what the operator's service account may do"
                raise KmsctlError(f"{plural}.{GROUP} cannot be listed", why=str(error), fix=fix) from None
        await self._definitions()
        return await self._listed(plural, namespace)

    async def _definitions(self) -> None:
        await await_definitions(self._api, self._vitals.lacks)

    def _forget(self, ref: ObjectRef) -> None:
        self.agenda.forget(ref)
        self._safety.forget(ref)
        self._awaited.note(ref, {})
        if ref.kind == ManifestKind.TARGET:
            self._connections.forget(TargetName(ref.name))

    def _may_act(self) -> bool:
        """Whether the lease is held at this moment, or none is needed."""
        return self._leadership is None or self._leadership.held

    def _candidate(self) -> Leadership | None:
        settings = self.settings
        if not settings.leader_elect:
            return None
        return Leadership(
            self._api, settings.operator_namespace, settings.lease_name, settings.identity, clock=self._clock
        )

    async def _watch_over(self, leadership: Leadership) -> None:
        await leadership.lost()
        self._interrupt.set()
        self._leads = False
        self._lost()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._heed_end)
        self._tasks.append(task)

    def _heed_end(self, task: asyncio.Task[None]) -> None:
        """End where a part of the operator has failed, as only a fault of ours can make it: who runs it starts it anew.

        Without its check for drift, say, a replica would look healthy for ever.
        """
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.critical("the part %r has failed", task.get_name(), exc_info=error)
            self._lost()

    def _targets(self) -> dict[str, Target] | None:
        if not self._leads:
            return None
        found = (target_of(seen.sound) for seen in self.cache.all() if seen.sound)
        return {target.name: target for target in found if target is not None}

    def _declared(self, namespace: str) -> frozenset[tuple[ManifestKind, str]] | None:
        if not self._leads:
            return None
        return frozenset((seen.kind, seen.ref.name) for seen in self.cache.all() if seen.ref.namespace == namespace)


def _named(ref: ObjectRef) -> dict[str, str]:
    return {"namespace": ref.namespace, "name": ref.name}
