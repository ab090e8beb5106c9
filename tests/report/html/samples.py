"""Every page, of what a team sees and of what a stranger writes."""

from __future__ import annotations

from dataclasses import replace

from reconciler.apply.rehearsal import Calls, LeftOut, Rehearsal
from reconciler.model.identifiers import KeyId
from reconciler.plan.changes import Cost
from reconciler.plan.cost import KeyCost, Prices
from reconciler.report.costs import Costs
from reconciler.report.html import access_can, access_diff, access_who, cost, drift, keys, lint, plan
from reconciler.report.keys import keys_of
from tests.report import applied, drifted, hostile, linted, samples, states
from tests.report.access import samples as access
from tests.report.basics import CARDS, STACK, key_id

COSTS = Costs(
    STACK, (KeyCost("orders", KeyId(key_id(1)), 1.0, 0.5),), Cost(1.5, 2.5), Prices(1, 1, 2, "2026-11-01", "AWS")
)
REHEARSED = Rehearsal(applied.whole(), 12.0, (Calls("CreateKey", 1, 0.0), Calls("PutKeyPolicy", 12, 3.5)))
FAILED = Rehearsal(
    applied.broken(),
    left_out=(LeftOut(CARDS, "its target is not read"),),
    differences=("the copy has no service control policies",),
    remaining=None,
)
HOSTILE_REHEARSAL = Rehearsal(
    hostile.outcome(),
    calls=(Calls(hostile.HOSTILE, 1, 2.0),),
    left_out=(LeftOut(hostile.hostile().changes[0].address, hostile.HOSTILE),),
    differences=(hostile.HOSTILE,),
    remaining=None,
)
PAGES = {
    "plan": lambda: plan.render(samples.everything()),
    "small plan": lambda: plan.render(samples.small()),
    "quiet plan": lambda: plan.render(samples.quiet()),
    "drift": lambda: drift.render(drifted.everything(), list_unmanaged=True),
    "no drift": lambda: drift.render(replace(drifted.none(), read_at=None)),
    "keys": lambda: keys.render(keys_of(states.busy(), STACK, everyones=True)),
    "cost": lambda: cost.render(COSTS),
    "access who": lambda: access_who.render(access.everybody()),
    "access who, nobody": lambda: access_who.render(access.nobody()),
    "access can": lambda: access_can.render(access.answer(access.APP, via="s3", context={"app": "orders"})),
    "access can, delegated": lambda: access_can.render(access.answer(access.BOB)),
    "access diff": lambda: access_diff.render(samples.everything()),
    "access diff, none": lambda: access_diff.render(samples.quiet()),
    "lint": lambda: lint.render(linted.mixed()),
    "lint live": lambda: lint.render(linted.live()),
}
HOSTILE = {
    "plan": lambda: plan.render(hostile.hostile(), rehearsal=HOSTILE_REHEARSAL),
    "drift": lambda: drift.render(hostile.drift(), list_unmanaged=True),
    "keys": lambda: keys.render(hostile.keys()),
    "cost": lambda: cost.render(hostile.costs()),
    "access who": lambda: access_who.render(access.hostile_list()),
    "access can": lambda: access_can.render(access.hostile_answer()),
    "access diff": lambda: access_diff.render(hostile.hostile()),
    "lint": lambda: lint.render(linted.hostile()),
}
REHEARSALS = {
    "plan that was rehearsed": lambda: plan.render(samples.small(), rehearsal=REHEARSED),
    "plan that failed on the copy": lambda: plan.render(samples.small(), rehearsal=FAILED),
}
EVERY = PAGES | REHEARSALS | {f"hostile {name}": make for name, make in HOSTILE.items()}
