"""Plans as a payments team would see them: between them they have every action, reason, risk level and kind of step."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.identifiers import RUN_TARGET
from reconciler.plan.changes import Cost, Plan
from tests.report.basics import ACCOUNT, EU, EU_ACCOUNT, LEDGER, STACK
from tests.report.samples_at_rest import pruned, settled
from tests.report.samples_of_keys import created, related, replaced, updated
from tests.report.samples_of_links import custody, linked


def everything() -> Plan:
    """One plan with all of it, of two targets."""
    return Plan(
        STACK,
        {RUN_TARGET: ACCOUNT, EU: EU_ACCOUNT},
        "d" * 64,
        (created(), updated(), replaced(), *related(), *custody(), *pruned(), *linked(), *settled()),
        fingerprints={str(LEDGER): "f" * 64},
        cost=Cost(9.0, 11.0),
    )


def small() -> Plan:
    """The plan of somebody's first five minutes."""
    return replace(everything(), accounts={RUN_TARGET: ACCOUNT}, changes=(created(),), cost=Cost(0.0, 1.0))


def quiet() -> Plan:
    """Nothing to do."""
    return replace(everything(), changes=settled()[-2:-1], cost=Cost(3.0, 3.0))
