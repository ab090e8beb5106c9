"""Where the statements and grants that a plan from a file makes were declared: the file says it."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.desired import DesiredGrant, DesiredKey, DesiredState, ExternalKey
from reconciler.model.observed import ObservedState
from reconciler.plan.access.changed import PUTS_POLICY
from reconciler.plan.access.deciders import Places
from reconciler.plan.changes import Plan
from reconciler.plan.steps import CreateGrant

_ANY_KEY = ExternalKey("")
"""Which key a grant is on does not matter for where it is declared."""


def places_in(plan: Plan, simulated: ObservedState) -> Places:
    """Of the policies that `plan` puts, and of the grants that it makes; `simulated` is what it leads to."""
    return Places.of(DesiredState(plan.stack, tuple(_keys(plan)), grants=tuple(_grants(plan))), simulated)


def _keys(plan: Plan) -> Iterator[DesiredKey]:
    for change, step in plan.steps():
        if isinstance(step, PUTS_POLICY) and isinstance(step.policy, str) and change.position is not None:
            positions = change.statement_positions
            yield DesiredKey(change.address, change.position, policy=step.policy, statement_positions=positions)


def _grants(plan: Plan) -> Iterator[DesiredGrant]:
    for change, step in plan.steps():
        if isinstance(step, CreateGrant) and change.position is not None:
            yield DesiredGrant(change.address, change.position, _ANY_KEY, step.terms)
