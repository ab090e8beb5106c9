"""What holds for every plan, whatever is declared and whatever is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reconciler.model.identifiers import KeyId
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import marked_deletion
from reconciler.plan.changes import Action, Reason, RiskLevel
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.risk.guard import verdict
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import DisableKey, EnableKey, ExistingKey, ScheduleDeletion
from tests.plan.build import lifts_protection
from tests.support.kmsrules import carry_out
from tests.support.strategies import reread, worlds

F = TypeVar("F", bound=Callable[..., Any])


def law(examples: int) -> Callable[[F], F]:
    """Settings of a law. Worlds are large, so Hypothesis is told to be patient."""
    health = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, suppress_health_check=health)  # type: ignore[return-value]


options = st.sampled_from((PlanOptions(), PlanOptions(prune=True)))


@law(100)
@given(worlds(), options)
def test_planning_after_a_plan_finds_nothing_left_to_do(world: Any, options: PlanOptions) -> None:
    """But for what takes two plans on purpose: rotating or pruning what was just adopted, or just unprotected."""
    desired, observed = world
    first = plan(desired, observed, options)
    assume(not first.blocked and not lifts_protection(first, observed))
    assume(all(change.action is not Action.ADOPT for change in first.changes))
    assert plan(desired, reread(simulate(first, observed), observed), options).effective == ()


@law(60)
@given(worlds())
def test_adopting_takes_one_plan_and_what_follows_from_it_one_more(world: Any) -> None:
    desired, observed = world
    state = observed
    for _ in range(2):
        planned = plan(desired, state)
        assume(not planned.blocked and not lifts_protection(planned, state))
        state = reread(simulate(planned, state), observed)
    assert plan(desired, state).effective == ()


@law(80)
@given(worlds(), options, st.integers())
def test_kms_accepts_every_step_in_every_order_that_the_plan_allows(
    world: Any, options: PlanOptions, seed: int
) -> None:
    desired, observed = world
    planned = plan(desired, observed, options)
    assume(not planned.blocked)
    assert carry_out(planned, observed, Random(seed)) == simulate(planned, observed)


@law(80)
@given(worlds(), st.sampled_from((PlanOptions(), PlanOptions(prune=True), PlanOptions(prune=True, destroy=True))))
def test_no_step_that_may_be_applied_disables_or_deletes_a_protected_key(world: Any, options: PlanOptions) -> None:
    desired, observed = world
    planned = plan(desired, observed, options)
    for change in planned.changes:
        keys = observed.targets[change.address.target].keys
        declared = {key.address: key for key in desired.keys}.get(change.address)
        for step in change.steps:
            if _stops(step, change.steps, keys):
                key = keys[KeyId(step.key.key)]
                if marked_deletion(key.tags).protect or (declared and declared.deletion.protect):
                    assert any(risk.level is RiskLevel.FORBIDDEN for risk in change.risks)


def _stops(step: Any, steps: tuple[Any, ...], keys: dict[KeyId, ObservedKey]) -> bool:
    match step:
        case ScheduleDeletion(ExistingKey()):
            return True
        case DisableKey(ExistingKey(key)):
            return keys[KeyId(key)].state is KeyState.ENABLED and EnableKey(step.key) not in steps
        case _:
            return False


@law(80)
@given(worlds())
def test_without_pruning_only_a_twin_that_never_encrypted_is_ever_scheduled_for_deletion(world: Any) -> None:
    desired, observed = world
    for change, step in plan(desired, observed).steps():
        if isinstance(step, ScheduleDeletion):
            assert (change.action, change.reason) == (Action.SCHEDULE_DELETION, Reason.DUPLICATE)
            assert repr(observed.targets[change.address.target].keys[KeyId(step.key.key)].last_use) == "NeverUsed()"


@law(60)
@given(worlds(), options, st.data())
def test_allowing_more_never_makes_the_guard_stricter(world: Any, options: PlanOptions, data: st.DataObject) -> None:
    planned = plan(*world, options)
    names = sorted({refusal.allow or refusal.name for refusal in verdict(planned).refusals})
    fewer = data.draw(st.frozensets(st.sampled_from(names))) if names else frozenset()
    more = fewer | (data.draw(st.frozensets(st.sampled_from(names))) if names else frozenset())
    assert set(verdict(planned, more).refusals) <= set(verdict(planned, fewer).refusals)


@law(60)
@given(worlds(), options)
def test_simulating_touches_only_what_steps_name(world: Any, options: PlanOptions) -> None:
    desired, observed = world
    planned = plan(desired, observed, options)
    after = simulate(planned, observed)
    for name, target in observed.targets.items():  # where related keys are is told to all of them
        named = " ".join(repr(step) for change, step in planned.steps() if change.address.target == name)
        for key_id, key in target.keys.items():
            now = replace(after.targets[name].keys[key_id], regions=key.regions)
            assert f"'{key_id}'" in named or now == key
        for alias_name, alias in target.aliases.items():
            assert f"'{alias_name}'" in named or after.targets[name].aliases[alias_name] == alias
