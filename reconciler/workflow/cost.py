"""Cost: what the keys of a stack cost, and what a plan makes of that."""

from __future__ import annotations

from reconciler.plan.cost import key_costs, prices
from reconciler.plan.options import PlanOptions
from reconciler.report.costs import Costs
from reconciler.workflow.plan import make_plan
from reconciler.workflow.session import Session


def estimate(session: Session) -> Costs:
    """Of each key now, and of all before and after the plan.

    Raises:
        KmsError: a target refused to be read.
    """
    planned = make_plan(session, PlanOptions())
    stack = session.desired.stack
    return Costs(stack, key_costs(planned.observed, stack), planned.plan.cost, prices())
