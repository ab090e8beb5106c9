"""Apply: a plan carried out, whether it was just made or comes from a file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

from reconciler.apply.crew import Crew
from reconciler.apply.events import Listener, silent
from reconciler.apply.executor import carry_out as apply_with
from reconciler.apply.outcome import Outcome
from reconciler.apply.secrets import Secrets
from reconciler.kit.errors import Refused
from reconciler.model.desired import DesiredState
from reconciler.model.observed import ObservedState
from reconciler.plan.changes import Plan
from reconciler.plan.options import PlanOptions
from reconciler.plan.saved.planfile import SavedPlan, stale
from reconciler.plan.saved.vet import contradictions, objections, reassessed
from reconciler.workflow.environment import Environment
from reconciler.workflow.plan import answer_usage
from reconciler.workflow.secrets import LocalSecrets
from reconciler.workflow.session import Session, observe_all
from reconciler.workflow.targets import connect_all


def carry_out(
    session: Session,
    plan: Plan,
    *,
    listener: Listener = silent,
    interrupt: Event | None = None,
    secrets: Secrets | None = None,
    patience: float = math.inf,
) -> Outcome:
    """Make the changes of `plan`. Whether it may be applied is the guard's business, asked before.

    `secrets` reads what steps need of them; None: files and environment variables of this machine. `patience` is the
    most seconds to wait for what the next plan could as well find done.

    Raises:
        KmsctlError: a secret that a step needs is not at hand; nothing was changed.
    """
    connections = session.connections
    immediate = frozenset(name for name, connection in connections.items() if connection.immediate)
    crew = Crew(
        session.environment.clock,
        parallelism=1 if immediate == connections.keys() else session.parallelism,
        listener=listener,
        interrupt=interrupt or Event(),
        secrets=secrets or LocalSecrets(session.environment),
        immediate=immediate,
        patience=patience,
    )
    return apply_with(plan, {name: connection.kms for name, connection in connections.items()}, crew)


@contextmanager
def open_saved(saved: SavedPlan, environment: Environment, *, parallelism: int = 8) -> Iterator[Session]:
    """Open the targets of a saved plan.

    Raises:
        KmsctlError: a target cannot be reached.
        Refused: the file contradicts itself, or a target is another account than it must be, or than it was.
    """
    _refuse(contradictions(saved), "a plan of kmsctl says none of this")
    with connect_all(saved.targets, environment, parallelism=parallelism) as connections:
        for name, planned in saved.plan.accounts.items():
            now = connections[name].account
            if (now.account_id, now.region, now.partition) != (planned.account_id, planned.region, planned.partition):
                raise Refused(
                    f"the plan is for account {planned.account_id} in {planned.region}, and this is account "
                    f"{now.account_id} in {now.region}",
                    why="a saved plan holds only where it was made",
                    fix="use the credentials of that account, or make a plan for this one",
                )
        yield Session(DesiredState(saved.plan.stack), saved.targets, connections, environment, parallelism)


def vetted(session: Session, saved: SavedPlan, options: PlanOptions | None = None) -> SavedPlan:
    """`saved`, which comes from a file, with its risks judged again: by the caller who applies it, and as it is now.

    Of `options`, what is known of IAM matters.

    Raises:
        Refused: something that it touches has changed since, or it has a step that no planner makes.
        KmsError: a target refused to be read.
    """
    observed = must_be_fresh(session, saved)
    _refuse(objections(saved.plan, observed), "it was not made by kmsctl from what is there")
    return replace(saved, plan=reassessed(saved.plan, observed, options or PlanOptions()))


def must_be_fresh(session: Session, saved: SavedPlan) -> ObservedState:
    """Check that everything that `saved` touches still looks as it did when the plan was made; how it looks now.

    Raises:
        Refused: something does not.
        KmsError: a target refused to be read.
    """
    observed = answer_usage(session, saved.plan, observe_all(session, saved.scopes))
    changed = stale(saved, observed)
    if changed:
        raise Refused(
            "the plan is stale: something that it touches has changed since it was made",
            why="changed: " + ", ".join(changed),
            fix="look at a new plan: kmsctl plan -o FILE",
        )
    return observed


def _refuse(faults: tuple[str, ...], why: str) -> None:
    if faults:
        raise Refused(
            "the plan file is not to be trusted, and nothing was changed",
            why=f"{why}: {'; '.join(faults)}",
            fix="find out who wrote it, and make a new plan: kmsctl plan -o FILE",
        )
