"""The rehearsal of a plan, from what it was made from to what became of it on the copy."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.apply.crew import Crew
from reconciler.apply.executor import carry_out
from reconciler.apply.rehearsal import LeftOut, Rehearsal
from reconciler.kit.errors import KmsError
from reconciler.kms import codes
from reconciler.kms.observe import observe
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account, ObservedState
from reconciler.model.scope import Scope
from reconciler.plan.changes import Change, Plan
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.steps import ConnectCustomKeyStore, CreateCustomKeyStore, ImportMaterial, UpdateCustomKeyStore
from reconciler.workflow.plan import Planned
from reconciler.workflow.rehearse.fill import fill
from reconciler.workflow.rehearse.people import cast
from reconciler.workflow.rehearse.stage import Stage, open_stage
from reconciler.workflow.rehearse.stand_ins import stand_ins
from reconciler.workflow.rehearse.subjects import without_unplayable
from reconciler.workflow.session import Session

_MATERIAL = "imported key material is made up: whether the real one fits, and is the one that a key had, shows in apply"
_STORES = "what stands behind a custom key store is played: its clusters, proxies and credentials are not asked"


def rehearse(session: Session, planned: Planned, options: PlanOptions) -> Rehearsal:
    """Carry the session's plan out on a copy of what it was made from; the real targets are only read.

    Args:
        session: the run.
        planned: its plan, of which nothing is blocked.
        options: those that the plan was made with; what they know of IAM decides for the caller.

    Raises:
        KmsError: a target refused to be read.
        OSError: there is no room for the copy.
        Refused: something in the plan is blocked, and something else is not.
    """
    if not planned.plan.effective:
        return Rehearsal()
    filled = fill(session, planned.plan, planned.observed)
    playable, left_out = without_unplayable(planned.plan, filled.observed)
    people = cast(planned.plan.accounts.values(), options.identities)
    given = stand_ins(playable, filled.observed)
    with open_stage(filled.observed, session.targets, people, given) as stage:
        crew = Crew(stage.clock, parallelism=1, secrets=given)
        outcome = carry_out(playable, stage.watched(), crew)
        seconds, calls = stage.clock.monotonic(), stage.log.calls()
        after = _after(stage, planned) if outcome.ok else None
    remaining = None if after is None else _remaining(session, after, options, left_out)
    differences = (*people.notes, *filled.unread, *_made_up(playable))
    return Rehearsal(outcome, seconds, calls, left_out, differences, remaining)


def _made_up(played: Plan) -> list[str]:
    steps = [step for _, step in played.steps()]
    found = [_MATERIAL] if any(isinstance(step, ImportMaterial) for step in steps) else []
    stores = CreateCustomKeyStore | UpdateCustomKeyStore | ConnectCustomKeyStore
    return [*found, _STORES] if any(isinstance(step, stores) for step in steps) else found


def _after(stage: Stage, planned: Planned) -> ObservedState | None:
    """What a plan would read of the copies now; None when the caller may no longer read it."""
    try:
        return read_again(stage, planned.plan.accounts, planned.scopes)
    except KmsError as error:
        if error.code not in codes.DENIED:
            raise
        return None


def read_again(
    stage: Stage, accounts: Mapping[TargetName, Account], scopes: Mapping[TargetName, Scope]
) -> ObservedState:
    """The copies, as `scopes` say.

    Raises:
        KmsError: the caller may not read a key of the stack.
    """
    return ObservedState(
        {
            name: observe(stage.copies[name], accounts[name], scope, clock=stage.clock, parallelism=1)
            for name, scope in scopes.items()
        }
    )


def _remaining(
    session: Session, after: ObservedState, options: PlanOptions, left_out: tuple[LeftOut, ...]
) -> tuple[Change, ...]:
    """What a plan after it would change, but for what was left out."""
    skipped = {one.address for one in left_out}
    again = plan(session.desired, after, options)
    return tuple(change for change in (*again.effective, *again.blocked) if change.address not in skipped)
