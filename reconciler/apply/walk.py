"""The walk over a plan's DAG on worker threads.

Workers make calls and nothing else. All bookkeeping, and every event, happens on the thread that walks, so listeners
need no locks and no two steps disagree about what is done. A step that has to wait gives its worker back.
"""

from __future__ import annotations

import heapq
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import assert_never

from reconciler.apply.crew import Crew, Sites
from reconciler.apply.events import ChangeSkipped, StepDone, StepFailed, StepPaused, StepStarted, Stopping
from reconciler.apply.newborn import is_on_newborn, once_let
from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.apply.perform import perform
from reconciler.apply.schedule import Schedule
from reconciler.apply.site import Done, Site
from reconciler.apply.wait import TICK, Pause, Pausing
from reconciler.model.address import Address
from reconciler.plan.changes import Change, Plan
from reconciler.plan.order import Node, NodeId, nodes
from reconciler.plan.steps import CreateKey, ReplicateKey, Step

_SLICE = 0.2
"""Seconds after which a waiting walk looks again whether it was interrupted."""


@dataclass(slots=True)
class _Task:
    """A node that was started, at one of its steps."""

    place: int
    node: Node
    change: Change
    index: int
    work: Pausing[Done]

    @property
    def step(self) -> Step:
        return self.node.steps[self.index]


class Walk:
    """One carrying out of one plan. It is used once."""

    def __init__(self, plan: Plan, sites: Sites, crew: Crew, pool: ThreadPoolExecutor) -> None:
        self._nodes = nodes(plan)
        self._place = {node.id: place for place, node in enumerate(self._nodes)}
        self._changes = {(change.address, change.resource_id or ""): change for change in plan.effective}
        self._sites = sites
        self._crew = crew
        self._pool = pool
        self._schedule = Schedule(self._nodes)
        self._running: dict[Future[Pause | Done], _Task] = {}
        self._paused: list[tuple[float, int, _Task]] = []
        self._results: dict[tuple[NodeId, int], StepResult] = {}
        self._stopping = False

    def carry_out(self) -> Outcome:
        """Until nothing runs, waits, or may start."""
        while True:
            self._hear_interrupt()
            self._resume()
            self._start()
            if self._running:
                self._collect()
            elif self._paused:
                self._crew.clock.sleep(min(_SLICE, self._until_due()))
            else:
                return self._outcome()

    def _hear_interrupt(self) -> None:
        if self._crew.interrupt.is_set() and not self._stopping:
            self._stopping = True
            self._crew.listener(Stopping(len(self._running) + len(self._paused)))

    def _resume(self) -> None:
        while self._paused and self._free() and (self._stopping or self._until_due() < TICK):
            task = heapq.heappop(self._paused)[2]
            self._submit(task, interrupted=self._stopping)

    def _start(self) -> None:
        while not self._stopping and self._free() and not self._occupied() and (node := self._schedule.take()):
            self._begin(node, 0)

    def _free(self) -> bool:
        return len(self._running) < self._crew.parallelism

    def _occupied(self) -> bool:
        """One at a time means that a step that waits is waited for."""
        return self._crew.parallelism == 1 and bool(self._paused)

    def _begin(self, node: Node, index: int) -> None:
        change = self._change(node)
        step = node.steps[index]
        self._crew.listener(StepStarted(change, step))
        work = _work(step, self._sites.of(node.id.address.target))
        self._submit(_Task(self._place[node.id], node, change, index, work))

    def _submit(self, task: _Task, *, interrupted: bool | None = None) -> None:
        self._running[self._pool.submit(_advance, task.work, interrupted)] = task

    def _until_due(self) -> float:
        return self._paused[0][0] - self._crew.clock.monotonic()

    def _collect(self) -> None:
        timeout = max(0.0, min(_SLICE, self._until_due())) if self._paused and self._free() else None
        finished = wait(self._running, timeout, FIRST_COMPLETED).done
        for future in sorted(finished, key=lambda future: self._running[future].place):
            task = self._running.pop(future)
            error = future.exception()
            if error is not None:
                self._fail(task, error)
            else:
                self._progress(task, future.result())

    def _progress(self, task: _Task, result: Pause | Done) -> None:
        match result:
            case Pause(seconds, why):
                self._crew.listener(StepPaused(task.change, task.step, seconds, why))
                due = self._crew.clock.monotonic() + seconds
                heapq.heappush(self._paused, (due, task.place, task))
            case Done():
                self._finish(task, result)
            case _:
                assert_never(result)

    def _finish(self, task: _Task, done: Done) -> None:
        step = task.step
        if isinstance(step, CreateKey | ReplicateKey) and done.key_id is not None:
            self._sites.keys[step.key] = done.key_id
        self._record(task.node, task.index, StepResult(task.change, step, Status.DONE, notes=done.notes))
        self._crew.listener(StepDone(task.change, step, done.notes))
        if task.index + 1 == len(task.node.steps):
            self._schedule.done(task.node)
        elif not self._crew.interrupt.is_set():
            self._begin(task.node, task.index + 1)

    def _fail(self, task: _Task, error: BaseException) -> None:
        address = task.change.address
        self._record(task.node, task.index, StepResult(task.change, task.step, Status.FAILED, error=error))
        self._crew.listener(StepFailed(task.change, task.step, error))
        self._skip(task.node, task.index + 1, address)
        told = {id(task.change)}
        for node in self._schedule.failed(task.node):
            self._skip(node, 0, address)
            change = self._change(node)
            if id(change) not in told:
                told.add(id(change))
                self._crew.listener(ChangeSkipped(change, address))

    def _skip(self, node: Node, first: int, because: Address) -> None:
        for index in range(first, len(node.steps)):
            skipped = StepResult(self._change(node), node.steps[index], Status.SKIPPED, because=because)
            self._record(node, index, skipped)

    def _record(self, node: Node, index: int, result: StepResult) -> None:
        self._results[node.id, index] = result

    def _change(self, node: Node) -> Change:
        return self._changes[node.id.address, node.id.resource_id]

    def _outcome(self) -> Outcome:
        results = tuple(
            self._results.get((node.id, index)) or StepResult(self._change(node), step, Status.NOT_STARTED)
            for node in self._nodes
            for index, step in enumerate(node.steps)
        )
        created = {
            key.address: key_id for key, key_id in sorted(self._sites.keys.items(), key=lambda item: item[0].address)
        }
        return Outcome(results, created, interrupted=self._stopping)


def _work(step: Step, site: Site) -> Pausing[Done]:
    return once_let(lambda: perform(step, site), site) if is_on_newborn(step, site) else perform(step, site)


def _advance(work: Pausing[Done], interrupted: bool | None) -> Pause | Done:  # noqa: FBT001  the generator's own protocol
    """Let `work` go on to its next pause or its end; None starts it."""
    try:
        return next(work) if interrupted is None else work.send(interrupted)
    except StopIteration as stop:
        done: Done = stop.value
        return done
