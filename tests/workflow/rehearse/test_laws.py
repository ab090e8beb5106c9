"""A rehearsal of whatever plan, on a copy of whatever was found, does what simulation says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reconciler.apply.crew import Crew
from reconciler.apply.executor import carry_out
from reconciler.model.identifiers import GrantId
from reconciler.model.observed import ObservedGrant, ObservedKey, ObservedState, ObservedTarget
from reconciler.model.scope import Scope, scope_of
from reconciler.model.target import Target
from reconciler.plan.changes import Plan
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.policy.access import Identities
from reconciler.workflow.rehearse.people import cast
from reconciler.workflow.rehearse.run import read_again
from reconciler.workflow.rehearse.stage import open_stage
from reconciler.workflow.rehearse.stand_ins import stand_ins
from reconciler.workflow.rehearse.subjects import without_unplayable
from tests.support.agreement import facts
from tests.support.pools import ACCOUNTS, POLICIES, STACK
from tests.support.secrets import wrapping_keys_made_once
from tests.support.strategies import reread, worlds


@pytest.fixture(scope="module", autouse=True)
def _quick_imports() -> Iterator[None]:
    with wrapping_keys_made_once():
        yield


def _believable(observed: ObservedState) -> ObservedState:
    """`observed` as KMS could tell it: policies that can be read, aliases of known keys, ids of grants in its form."""

    def target(found: ObservedTarget) -> ObservedTarget:
        aliases = {name: alias for name, alias in found.aliases.items() if alias.key_id in found.keys}
        return replace(found, aliases=aliases, keys={key_id: key(one) for key_id, one in found.keys.items()})

    def key(found: ObservedKey) -> ObservedKey:
        policy = found.policy if found.policy and '"Allow"' in found.policy else POLICIES[0]
        return replace(found, policy=policy, grants=found.grants and tuple(map(grant, found.grants)))

    def grant(found: ObservedGrant) -> ObservedGrant:
        return replace(found, grant_id=GrantId(sha256(found.grant_id.encode()).hexdigest()))

    return ObservedState({name: target(found) for name, found in observed.targets.items()})


options = st.sampled_from((PlanOptions(), PlanOptions(prune=True)))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds().map(lambda world: (world[0], _believable(world[1]))), options)
def test_a_rehearsal_of_any_plan_and_the_next_plan_end_as_simulated(world: Any, chosen: PlanOptions) -> None:
    desired, observed = world
    planned = plan(desired, observed, chosen)
    assume(not planned.blocked)
    playable, left_out = without_unplayable(planned, observed)
    assert left_out == ()
    errors, after = _rehearsed(playable, observed, desired)
    assert errors == []
    simulated = simulate(planned, observed)
    assert facts(after, desired, observed) == facts(simulated, desired, observed)
    told, expected = (plan(desired, state, chosen) for state in (after, reread(simulated, observed)))
    assert _effects(told) == _effects(expected)


def _effects(of: Plan) -> list[Any]:
    return [(change.address, change.action) for change in of.effective]


def _rehearsed(played: Plan, observed: ObservedState, desired: Any) -> tuple[list[Any], ObservedState]:
    given = stand_ins(played, observed)
    targets = {name: Target(name) for name in observed.targets}
    scopes = {name: Scope(STACK, every_grant=True) for name in targets} | scope_of(desired, every_grant=True)
    with open_stage(observed, targets, cast(ACCOUNTS.values(), Identities()), given) as stage:
        outcome = carry_out(played, stage.watched(), Crew(stage.clock, parallelism=1, secrets=given))
        return [result.error for result in outcome.failed], read_again(stage, ACCOUNTS, scopes)
