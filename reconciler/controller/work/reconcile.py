"""The reconciliation: level-based, the same for an object that is new, changed, resumed, drifted or on its way out.

It reads the KMS each time and believes nothing that was written down before. What it does follows from three things:
what the object says, what the objects say that it refers to, and what the KMS holds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from threading import Event
from typing import Any, Final

from reconciler.controller.cluster.client import Api
from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.health.failures import FailureKind
from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.states import Deleting, InSync, Paused, State, Valid, Waiting, Working, retry_of
from reconciler.controller.logs import about, reconciliation
from reconciler.controller.metrics import Metrics
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import WITH_FINALIZER, Seen
from reconciler.controller.vitals import Vitals
from reconciler.controller.work.agenda import Agenda
from reconciler.controller.work.awaited import AwaitedSecrets, read_for
from reconciler.controller.work.batches import STANDALONE, Batches, Sorted
from reconciler.controller.work.concluding import deeds_of, state_of, status_of
from reconciler.controller.work.connections import Open
from reconciler.controller.work.deletions import (
    Farewell,
    by_key_id,
    farewell_of,
    in_name_only,
    in_use,
    refused,
    retained,
    state_at_the_end,
    without_policy,
)
from reconciler.controller.work.each import each
from reconciler.controller.work.queue import Taken
from reconciler.controller.work.safety import Safety
from reconciler.controller.work.secrets import ClusterSecrets
from reconciler.controller.work.standalone import Standalone
from reconciler.controller.work.writing import Writer
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.model.address import Kind
from reconciler.plan.changes import Change
from reconciler.workflow.converge.run import Means, converge
from reconciler.workflow.converge.verdicts import Failed, Verdict
from reconciler.workflow.converge.wishes import Batch, Ref
from reconciler.workflow.environment import Environment

logger = logging.getLogger(__name__)

_WRITES: Final = 16
"""Requests to the API server at once, a batch."""
_LISTS_LAST: Final = 60.0
"""Seconds for which lists may serve the first looks of further batches, whose objects were asked for before them."""
_UNSETTLED: Final = 2.0
"""Seconds until what was changed and not yet seen is looked at again."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reconciler works with."""

    api: Api
    cache: Cache
    agenda: Agenda
    batches: Batches
    writer: Writer
    standalone: Standalone
    safety: Safety
    awaited: AwaitedSecrets
    metrics: Metrics
    vitals: Vitals
    environment: Environment
    parallelism: int
    interrupt: Event


class Reconciler:
    """Takes what is due, batch by batch, until it is cancelled."""

    def __init__(self, at: Surroundings, pool: ThreadPoolExecutor) -> None:
        self._at = at
        self._pool = pool

    async def work(self, most: int) -> None:
        """Reconcile batches of up to `most` objects, one after another."""
        while True:
            taken = await self._at.agenda.take(most)
            with reconciliation():
                await self._take_on(taken)

    async def _take_on(self, taken: Taken[ObjectRef]) -> None:
        first, count = taken.items[0], len(taken.items)
        try:
            with self._at.vitals.working(f"a batch of {count} with {first}"):
                await self._batch(taken)
        except Exception:  # whatever happens, the other objects go on
            logger.exception("a batch of %d with %s could not be reconciled", count, first)
            for ref in taken.items:
                self._at.agenda.again(ref, FailureKind.TRANSIENT)
        finally:
            self._at.agenda.done(taken)

    async def _batch(self, taken: Taken[ObjectRef]) -> None:
        members = [seen for ref in taken.items if (seen := self._at.cache.get(ref)) is not None]
        members = [seen for seen in members if seen.finalized or not seen.deleting]
        for seen in members:
            self._at.awaited.note(seen.ref, {})
        await self._each(self._stand, (seen for seen in members if seen.kind in STANDALONE))
        members = [seen for seen in members if seen.kind not in STANDALONE]
        going = [seen for seen in members if seen.deleting]
        staying = [seen for seen in members if not seen.deleting]
        await self._each(self._pause, (seen for seen in staying if seen.asked.paused))
        await self._stay([seen for seen in staying if not seen.asked.paused], taken.since)
        await self._go(going, taken.since)

    async def _examine(self, members: Iterable[Seen]) -> None:
        """Let lint look at what it has not seen as it is now."""
        questions = self._at.safety.questions(members)
        if questions:
            await asyncio.get_running_loop().run_in_executor(self._pool, self._at.safety.answer, questions)

    async def _stand(self, seen: Seen) -> Seen:
        holders = self._at.cache.holders(seen)
        seen = await self._fasten(seen, needed=bool(holders))
        if seen.deleting and not holders:
            return seen
        await self._examine([seen])
        state, shown = await self._at.standalone.look_at(seen)
        if seen.deleting and isinstance(state, Valid):
            state = in_use(seen, holders)
        return await self._conclude(seen, state, shown=shown)

    async def _fasten(self, seen: Seen, *, needed: bool) -> Seen:
        """A Target that objects need for their end does not go before them; one that none needs is free to go."""
        if needed == seen.finalized:
            return seen
        return await (self._at.writer.add_finalizer(seen) if needed else self._at.writer.release(seen))

    async def _pause(self, seen: Seen) -> Seen:
        return await self._conclude(seen, Paused())

    async def _stay(self, members: list[Seen], since: float) -> None:
        """Objects that are to be as they say. Each is held on to before the first call is made for it."""
        await self._examine(members)
        work = self._at.batches.sort(members)
        await self._each(lambda seen: self._conclude(seen, work.settled[seen.ref]), work.settled_of(members))
        held = await self._each(self._hold, await self._with_targets(work.members))
        work = self._at.batches.sort([seen for seen in held if seen.finalized or seen.ref.kind not in WITH_FINALIZER])
        verdicts = await self._converge(work, since)
        now = self._at.environment.clock.now()
        await self._each(
            lambda seen: self._conclude(seen, state_of(verdicts[seen.ref], now), verdicts[seen.ref]), work.members
        )

    async def _with_targets(self, members: Iterable[Seen]) -> list[Seen]:
        """Those of `members` whose Targets are held: each is, before the first object that will need it to end."""
        members = list(members)
        free = {target.ref: target for seen in members for target in self._targets_of(seen)}
        await self._each(self._at.writer.add_finalizer, (free[ref] for ref in sorted(free)))
        waiting = {seen.ref for seen in members if next(self._targets_of(seen), None)}
        for ref in waiting:
            self._at.agenda.again(ref, FailureKind.TRANSIENT)
        return [seen for seen in members if seen.ref not in waiting]

    def _targets_of(self, seen: Seen) -> Iterator[Seen]:
        """The Targets of an object that is not held yet, as far as nobody holds them."""
        if seen.finalized or seen.sound is None:
            return
        for name in self._at.cache.targets_of(seen.sound):
            found = self._at.cache.target(name)
            if found is not None and not found[0].finalized:
                yield found[0]

    async def _hold(self, seen: Seen) -> Seen:
        if seen.finalized or seen.ref.kind not in WITH_FINALIZER:
            return seen
        return await self._at.writer.add_finalizer(seen)

    async def _go(self, members: list[Seen], since: float) -> None:
        """Objects that are on their way out."""
        await self._each(self._retain, (seen for seen in members if farewell_of(seen) is Farewell.RETAIN))
        ending = [seen for seen in members if farewell_of(seen) is Farewell.END]
        await self._each(self._pause, (seen for seen in ending if seen.asked.paused))
        ending = [self._located(seen) for seen in ending if not seen.asked.paused]
        work = self._at.batches.sort(ending)
        verdicts = await self._converge(work, since)
        await self._each(lambda seen: self._cannot_end(seen, work.settled[seen.ref]), work.settled_of(ending))
        await self._each(lambda seen: self._end(seen, verdicts[seen.ref]), work.members)

    def _located(self, seen: Seen) -> Seen:
        """An alias or a grant whose Key object is gone, or wants another's name, is found by the key's id.

        Which policy a key shares, and what a grant permits, matters no more.
        """
        if seen.sound is not None:
            seen = replace(seen, document=in_name_only(without_policy(seen.sound)))
        name = seen.sound.spec.get("keyRef", {}).get("name") if seen.sound else None
        if name is None or self._at.batches.key_of(seen, name) is not None:
            return seen
        document = by_key_id(seen)
        return replace(seen, document=document) if document else seen

    async def _retain(self, seen: Seen) -> Seen:
        if seen.resource_id:
            self._at.writer.tell(seen, [retained(seen)])
        return await self._at.writer.release(seen)

    async def _cannot_end(self, seen: Seen, state: State) -> Seen:
        """Something that its end needs is not there. A status that tells of nothing may have been lost."""
        if isinstance(state, Waiting) and state.reason is Reason.TARGET_NOT_READY:
            return await self._conclude(seen, state)
        return await self._conclude(seen, refused(seen, state))

    async def _end(self, seen: Seen, verdict: Verdict) -> Seen:
        state = state_at_the_end(seen, verdict, self._replicas_going(seen))
        ended = await self._conclude(seen, state or Deleting("nothing is left to do"), verdict)
        return ended if state else await self._at.writer.release(ended)

    def _replicas_going(self, seen: Seen) -> list[Seen]:
        """The objects on their way out with which replicas of a key end."""
        found = (self._at.cache.get(ref) for ref in self._at.cache.referrers(seen.ref))
        replicas = (one for one in found if one is not None and one.kind is ManifestKind.REPLICA_KEY)
        return [one for one in replicas if one.deleting and farewell_of(one) is Farewell.END]

    async def _converge(self, work: Sorted, since: float) -> dict[ObjectRef, Verdict]:
        """The verdicts on a batch that was sorted a moment ago: nothing is awaited between the two."""
        if work.batch is None:
            return {}
        clock = self._at.environment.clock
        begun = clock.monotonic()
        secrets = ClusterSecrets(self._at.api, asyncio.get_running_loop(), work.members[0].ref.namespace)
        means = Means(
            self._at.environment,
            parallelism=self._at.parallelism,
            secrets=secrets,
            interrupt=self._at.interrupt,
            lists=lambda target, instant: work.lists[target].since(instant),
            since=max(since, begun - _LISTS_LAST),
        )
        for one in work.opened:
            one.uses.begin()
        found = await asyncio.get_running_loop().run_in_executor(
            self._pool, copy_context().run, _converged, work.batch, means, work.opened
        )
        self._measure(work, clock.monotonic() - begun)
        for seen in work.members:
            if not isinstance(state_of(found[seen.kind, seen.ref.name]), InSync):
                self._at.awaited.note(seen.ref, read_for(seen, secrets.versions))
        return {seen.ref: found[seen.kind, seen.ref.name] for seen in work.members}

    def _measure(self, work: Sorted, seconds: float) -> None:
        for seen in work.members:
            self._at.metrics.reconciled(seen.ref.kind, seconds)

    async def _conclude(
        self, seen: Seen, state: State, verdict: Verdict | None = None, *, shown: dict[str, Any] | None = None
    ) -> Seen:
        if isinstance(verdict, Failed):
            _log(seen, verdict.error)
        deeds = deeds_of(seen, verdict, doubtful=seen.ref in self._at.cache.doubtful)
        done = getattr(verdict, "done", ())
        if done and seen.sound is not None:
            self._ask_tests(seen.ref, seen.sound)
            self._ask_claimants(seen.sound, done)
        status = status_of(seen, verdict, state) if shown is None else shown
        written = await self._at.writer.conclude(seen, state, status, deeds, self._at.safety.errors(seen))
        self._at.metrics.concluded(seen.ref.kind, state, deeds)
        kind = retry_of(state)
        if kind is None:
            self._at.agenda.well(seen.ref)
        elif isinstance(state, Working | Deleting):
            self._at.agenda.soon(seen.ref, _UNSETTLED)
        else:
            self._at.agenda.again(seen.ref, kind)
        return written

    def _ask_tests(self, ref: ObjectRef, changed: Document) -> None:
        """Have the AccessTests looked at whose keys are not as they were."""
        for key in self._at.cache.keys_of(changed, ref.namespace):
            for test in self._at.cache.about_access(key, ManifestKind.ACCESS_TEST):
                self._at.agenda.ask(test.ref)

    def _ask_claimants(self, document: Document, done: Iterable[Change]) -> None:
        """Have whoever else declares an alias looked at that was created, moved or deleted: it may be free now."""
        target = self._at.cache.target_of(document)
        for change in done:
            if change.address.kind is Kind.ALIAS and change.resource_id:
                for ref in self._at.cache.claims.claimants(change.resource_id, target):
                    if ref != ObjectRef(document.kind, ref.namespace, document.name):
                        self._at.agenda.ask(ref)

    def _each(self, act: Any, objects: Iterable[Seen]) -> Any:
        return each(act, objects, at_once=_WRITES, failed=self._not_written)

    def _not_written(self, seen: Seen, error: Exception) -> None:
        """The API server did not take a write: it is busy, away, or knows the object better than the cache.

        Or it is a fault of our own, which only a look at the log mends.
        """
        _log(seen, error)
        self._at.agenda.again(seen.ref, FailureKind.TRANSIENT)


def _converged(batch: Batch, means: Means, opened: Iterable[Open]) -> dict[Ref, Verdict]:
    try:
        return converge(batch, means)
    finally:
        for one in opened:
            one.uses.end()


def _log(seen: Seen, error: Exception) -> None:
    """The log has every failure, with AWS's id of the request; events have those that are new."""
    known = isinstance(error, KmsError | KmsctlError | ApiError)
    with about(seen.ref, seen.uid):
        logger.log(logging.INFO if known else logging.ERROR, "a request failed", exc_info=error)
