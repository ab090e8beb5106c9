"""What keys cost a month."""

from __future__ import annotations

import pytest

from reconciler.model.desired import AutomaticRotation, Deletion, DesiredState
from reconciler.model.identifiers import Days
from reconciler.model.observed import ObservedRotation
from reconciler.plan.cost import key_costs, prices
from reconciler.plan.planner import plan
from tests.plan.build import PRUNE, declares, has, pending, there, wants
from tests.support.pools import STACK


def costs(*keys):
    return [(cost.name, cost.key_id, cost.total) for cost in key_costs(there(*keys), STACK)]


def rotating(period, done=None):
    return ObservedRotation(enabled=period is not None, period=period, on_demand_rotations=done)


@pytest.mark.parametrize(
    ("key", "total"),
    [
        pytest.param(has(), 1.0, id="a key"),
        pytest.param(has(age=400, rotation=rotating(Days(365))), 2.0, id="rotated once"),
        pytest.param(has(age=4000, rotation=rotating(Days(365))), 3.0, id="rotated often"),
        pytest.param(has(age=400, rotation=rotating(None)), 1.0, id="never rotated"),
        pytest.param(has(rotation=rotating(None, 1)), 2.0, id="rotated on demand"),
        pytest.param(has(age=400, rotation=rotating(Days(365), 1)), 3.0, id="rotated both ways"),
        pytest.param(has(rotation=ObservedRotation(enabled=True)), 1.0, id="at a period that was not told"),
    ],
)
def test_a_key_costs_its_fee_and_that_of_its_first_two_rotations(key, total):
    assert costs(key) == [("db", "k-1", total)]


def test_keys_of_others_and_keys_that_await_deletion_cost_the_stack_nothing():
    assert costs(has("k-1", None), pending("k-2")) == []


def test_costs_are_listed_by_name():
    assert [name for name, _, _ in costs(has("k-1", "b"), has("k-2", "a"))] == ["a", "b"]


def test_a_plan_tells_what_it_costs():
    cost = plan(declares(wants("a"), wants("b")), there(has("k-1", "a"))).cost
    assert (cost.before, cost.after) == (1.0, 2.0)


def test_a_deletion_saves_the_fee():
    cost = plan(DesiredState(STACK), there(has(deletion=Deletion("Schedule"))), PRUNE).cost
    assert (cost.before, cost.after) == (1.0, 0)


def test_switching_rotation_on_costs_nothing_before_the_first_rotation():
    key = has(age=4000, rotation=rotating(None))
    cost = plan(declares(wants(rotation=AutomaticRotation())), there(key)).cost
    assert (cost.before, cost.after) == (1.0, 1.0)


def test_prices_say_whence_and_when():
    assert prices().date
    assert prices().source.startswith("https://aws.amazon.com/")
