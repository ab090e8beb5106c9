"""Status, finalizers and events: everything that is written into the cluster, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reconciler.controller.cluster.client import Api, PatchType
from reconciler.controller.cluster.errors import UNREACHABLE, ApiError
from reconciler.controller.cluster.events import Recorder
from reconciler.controller.cluster.refs import API_VERSION
from reconciler.controller.health.conditions import Condition, conditions_of
from reconciler.controller.health.events import Deed, Event, events_of, worth_telling
from reconciler.controller.health.reasons import EventReason
from reconciler.controller.health.safety import EXAMINED, safety_of
from reconciler.controller.health.states import State
from reconciler.controller.objects.seen import FINALIZER, Seen
from reconciler.kit.clock import Clock
from reconciler.lint.finding import Finding

_GONE: Final = "NotFound"
"""What the API server says of an object that is not there, and nobody says in its place."""


class Writer:
    """Writes what a reconciliation concluded; the answers are noticed like what the watch shows, and sooner.

    Args:
        api: takes the writes.
        answered: hears of objects as they are after them, and says what is known of them then; see `Intake.answered`.
        recorder: takes the events.
        clock: the time of conditions that flip.
        may: whether this replica leads at this moment: one that was suspended for longer than its lease writes nothing
            when it goes on, before anybody has told it.
    """

    def __init__(
        self,
        api: Api,
        answered: Callable[[Mapping[str, Any]], Seen | None],
        recorder: Recorder,
        clock: Clock,
        *,
        may: Callable[[], bool] = lambda: True,
    ) -> None:
        self._api = api
        self._answered = answered
        self._recorder = recorder
        self._clock = clock
        self._may = may

    async def conclude(
        self,
        seen: Seen,
        state: State,
        shown: Mapping[str, Any],
        done: Sequence[Deed] = (),
        errors: Sequence[Finding] | None = None,
    ) -> Seen:
        """Write the status where it differs from what is there, and tell what is worth telling.

        Args:
            seen: the object.
            state: what its reconciliation concluded.
            shown: what its status shows beside conditions.
            done: what was done for it.
            errors: what lint has against it; None where it could not look.

        Returns:
            The object as it is then.

        Raises:
            ApiError: the API server did not take it, and the object is still there.
        """
        self._check()
        status = {
            **shown,
            "observedGeneration": seen.generation,
            "conditions": self._conditions(seen, state, errors),
        }
        if seen.asked.reconcile_at is not None:
            status["lastHandledReconcileAt"] = seen.asked.reconcile_at
        if seen.asked.ignored:
            status["ignoredAnnotations"] = list(seen.asked.ignored)
        told = worth_telling(seen.conditions, state, done) + _newly_ignored(seen)
        self._recorder.tell(seen.ref, seen.uid, told)
        if status == seen.status:
            return seen
        return await self._written(seen, self._api.put_status(seen.ref, seen.uid, status))

    def _conditions(self, seen: Seen, state: State, errors: Sequence[Finding] | None) -> list[Condition]:
        now = self._clock.now()
        conditions = conditions_of(state, seen.conditions, seen.generation, now)
        if seen.kind in EXAMINED:
            conditions.append(safety_of(errors, seen.conditions, seen.generation, now))
        return conditions

    def tell(self, seen: Seen, done: Sequence[Deed]) -> None:
        """Tell what was done for an object whose status is not written any more."""
        self._recorder.tell(seen.ref, seen.uid, events_of(done))

    async def add_finalizer(self, seen: Seen) -> Seen:
        """Hold on to the object, before anything is done for it.

        Raises:
            ApiError: it changed meanwhile (409), or the API server did not take it.
        """
        return await self._finalizers(seen, [*seen.finalizers, FINALIZER])

    async def release(self, seen: Seen) -> Seen:
        """Let the object go.

        Raises:
            ApiError: it changed meanwhile (409), or the API server did not take it.
        """
        return await self._finalizers(seen, [name for name in seen.finalizers if name != FINALIZER])

    def _check(self) -> None:
        if not self._may():
            raise ApiError(UNREACHABLE, "NotLeading", "another replica may lead")

    async def _finalizers(self, seen: Seen, names: list[str]) -> Seen:
        self._check()
        metadata = {"finalizers": names, "resourceVersion": seen.resource_version}
        return await self._written(
            seen, self._api.patch(seen.ref.path, {"metadata": metadata}, content_type=PatchType.MERGE)
        )

    async def _written(self, seen: Seen, writing: Any) -> Seen:
        try:
            answer = await writing
        except ApiError as error:
            if not error.not_found:
                raise
            if error.reason == _GONE:
                self._answered(_ended(seen))
            return seen
        body = {"apiVersion": API_VERSION, "kind": seen.ref.kind, **answer}
        return self._answered(body) or seen


def _newly_ignored(seen: Seen) -> list[Event]:
    """Annotations that ask for nothing, of which the status does not tell yet."""
    before = seen.status.get("ignoredAnnotations") or ()
    new = (what for what in seen.asked.ignored if what not in before)
    return [Event("Warning", EventReason.ANNOTATION_IGNORED, what) for what in new]


def _ended(seen: Seen) -> dict[str, Any]:
    """An object whose end no watch has shown, as the answer to the write that ended it would have been."""
    named = {"namespace": seen.ref.namespace, "name": seen.ref.name, "uid": seen.uid}
    return {"kind": seen.ref.kind, "metadata": {**named, "deletionTimestamp": "unknown"}}
