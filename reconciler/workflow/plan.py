"""Plan: what would change, with the last use of those keys whose last use makes a difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.kms.usage import last_used
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import ObservedState, ObservedTarget
from reconciler.model.related import with_unseen_replicas
from reconciler.model.scope import Scope
from reconciler.model.usage import LastUse
from reconciler.plan.changes import Plan
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan, usage_questions
from reconciler.plan.saved.planfile import SavedPlan
from reconciler.workflow.session import Session, observe_all, scopes_of


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what it was made from."""

    plan: Plan
    observed: ObservedState
    scopes: Mapping[TargetName, Scope]


def make_plan(session: Session, options: PlanOptions, *, everything: bool = False) -> Planned:
    """The plan of the session's stack; `everything` also reads the keys that are nobody's.

    Raises:
        KmsError: a target refused to be read.
    """
    every_grant = options.prune or options.destroy or everything
    scopes = scopes_of(session, every_grant=every_grant, everything=everything)
    observed = observe_all(session, scopes)
    unseen = with_unseen_replicas(session.desired, observed, scopes)
    if unseen:
        scopes |= unseen
        observed = ObservedState({**observed.targets, **observe_all(session, unseen).targets})
    first = plan(session.desired, observed, options)
    answered = answer_usage(session, first, observed)
    return Planned(first if answered is observed else plan(session.desired, answered, options), answered, scopes)


def saved(planned: Planned, session: Session) -> SavedPlan:
    """The plan with what it takes to check and apply it elsewhere."""
    return SavedPlan(planned.plan, session.targets, planned.scopes)


def answer_usage(session: Session, asked_by: Plan, observed: ObservedState) -> ObservedState:
    """`observed` with the last use of the keys that the guard needs to know for `asked_by`; itself for none."""
    questions = usage_questions(asked_by, observed)
    if not questions:
        return observed
    targets = dict(observed.targets)
    for name, key_ids in questions.items():
        connection = session.connections[name]
        answers = last_used(connection.kms, connection.account, key_ids, clock=session.environment.clock)
        targets[name] = _with_usage(targets[name], answers)
    return ObservedState(targets)


def _with_usage(target: ObservedTarget, answers: Mapping[KeyId, LastUse]) -> ObservedTarget:
    keys = {key_id: replace(target.keys[key_id], last_use=use) for key_id, use in answers.items()}
    return replace(target, keys={**target.keys, **keys})
