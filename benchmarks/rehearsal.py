"""What a rehearsal costs, and how near the time that it tells is to that of the apply."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import manifests
from benchmarks.tables import table
from reconciler.apply.crew import Crew
from reconciler.apply.executor import carry_out as carry_out_with
from reconciler.apply.rehearsal import Rehearsal
from reconciler.engine.engine import Engine
from reconciler.kit.clock import SystemClock
from reconciler.kit.quotas import CURRENT
from reconciler.kms.quotas import load_quotas
from reconciler.kms.retrying import Retrying
from reconciler.kms.throttled import Throttled
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.identifiers import RUN_TARGET
from reconciler.plan.options import PlanOptions
from reconciler.workflow.apply import carry_out
from reconciler.workflow.choice import Choice
from reconciler.workflow.environment import Environment
from reconciler.workflow.plan import Planned, make_plan
from reconciler.workflow.rehearse.run import rehearse
from reconciler.workflow.request import Request
from reconciler.workflow.session import Session, open_session

_OPTIONS = PlanOptions()


def run(sizes: tuple[int, ...] = (100, 1_000), in_earnest: int = 100) -> str:
    """Rehearse the making of keys, and one change of them; apply some under the quotas that the rehearsal counted."""
    rows = [row for keys in sizes for row in _measured(keys)]
    head = ("rehearsal of", "plan CPU s", "rehearsal CPU s", "wall s", "calls", "tells s")
    told, took = _earnest(in_earnest)
    near = [(f"{in_earnest:,} new keys", told, took, took / told)]
    costs = table("Rehearsal", head, rows)
    nearness = table("What it tells, and an apply by these quotas", ("plan", "told s", "took s", "ratio"), near)
    return f"{costs}\n{nearness}"


def _measured(keys: int) -> Iterator[tuple[object, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(Path(folder) / "kms")
        with _planned(environment, keys) as (session, planned, plan_cpu):
            yield (f"{keys:,} new keys", plan_cpu, *_rehearsed(session, planned))
            carry_out(session, planned.plan)
        with _planned(environment, keys, "another") as (session, planned, plan_cpu):
            yield (f"a change of {keys:,} keys", plan_cpu, *_rehearsed(session, planned))


def _rehearsed(session: Session, planned: Planned) -> tuple[float, float, int, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    found = _ended(rehearse(session, planned, _OPTIONS))
    took = (time.process_time() - cpu, time.perf_counter() - wall)
    return (*took, sum(one.count for one in found.calls), found.seconds)


def _earnest(keys: int) -> tuple[float, float]:
    """Seconds that a rehearsal tells, and that an apply takes with eight calls at once, without a network."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        with _planned(Environment(Path(folder) / "kms"), keys) as (session, planned, _):
            told = _ended(rehearse(session, planned, _OPTIONS)).seconds
        with Engine.open(Path(folder) / "earnest", quotas=CURRENT) as engine:
            throttled = Throttled(engine.client(), load_quotas("us-east-1"), clock=clock)
            began = time.perf_counter()
            outcome = carry_out_with(planned.plan, {RUN_TARGET: Retrying(throttled, clock=clock)}, Crew(clock))
            took = time.perf_counter() - began
    if not outcome.ok:
        raise RuntimeError(f"it failed: {outcome.failed[0].error}")
    return told, took


def _ended(rehearsal: Rehearsal) -> Rehearsal:
    if not rehearsal.ok or rehearsal.remaining:
        raise RuntimeError("the rehearsal failed, or left something to do")
    return rehearsal


@contextmanager
def _planned(
    environment: Environment, keys: int, of: str = "the benchmark"
) -> Iterator[tuple[Session, Planned, float]]:
    texts = "---\n".join(manifests.text(number, of) for number in range(keys))
    request = Request(load([Source("keys.yaml", texts)]), "default", Choice())
    with open_session(request, environment) as session:
        before = time.process_time()
        planned = make_plan(session, _OPTIONS)
        yield session, planned, time.process_time() - before
