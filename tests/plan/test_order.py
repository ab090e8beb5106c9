"""The order of a plan's steps."""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.model.desired import AdoptKeyId, ManualRotation
from reconciler.model.identifiers import Days
from reconciler.model.usage import NeverUsed
from reconciler.plan.changes import Action, Change, Plan, Reason
from reconciler.plan.order import nodes
from reconciler.plan.phases import Phase
from reconciler.plan.planner import plan
from reconciler.plan.steps import DisableKey, EnableKey, ExistingKey
from tests.plan.build import (
    DB,
    declares,
    has,
    there,
    wants,
    wants_alias,
    wants_grant,
)
from tests.support.strategies import worlds

APP = replace(DB, name="app")


def listed(desired, observed):
    return [type(step).__name__ for node in nodes(plan(desired, observed)) for step in node.steps]


def test_an_alias_and_a_grant_wait_for_their_key():
    desired = declares(wants(), wants_alias("db", DB), wants_grant())
    assert listed(desired, there()) == ["CreateKey", "CreateAlias", "CreateGrant"]


def test_a_key_is_disabled_when_everything_on_it_is_done():
    desired = declares(wants(enabled=False), wants_alias("db", DB), wants_grant())
    assert listed(desired, there()) == ["CreateKey", "CreateAlias", "CreateGrant", "DisableKey"]


def test_an_old_key_is_disabled_when_its_successor_has_taken_its_place():
    desired = declares(wants(rotation=ManualRotation(Days(90), keep=0)), wants_alias("db", DB))
    assert listed(desired, there(has(age=100), aliases={"db": "k-1"})) == ["CreateKey", "UpdateAlias", "DisableKey"]


def test_no_earlier_key_is_disabled_before_the_successor_is_there():
    desired = declares(wants(rotation=ManualRotation(Days(90), keep=1)))
    observed = there(has("k-0"), has(generation=2, age=100))
    assert listed(desired, observed) == ["CreateKey", "DisableKey"]


def test_a_twin_is_scheduled_for_deletion_when_its_alias_has_moved():
    desired = declares(wants(), wants_alias("db", DB))
    observed = there(has(age=1), has("k-2", last_use=NeverUsed()), aliases={"db": "k-2"})
    assert listed(desired, observed) == ["UpdateAlias", "ScheduleDeletion"]


@pytest.mark.parametrize(
    ("declared", "real"),
    [
        pytest.param({}, has(), id="declared"),
        pytest.param({"adopt": AdoptKeyId("k-1")}, has(name=None), id="adopted"),
    ],
)
def test_what_names_a_key_by_its_id_waits_for_its_manifest_too(declared, real):
    desired = declares(wants(enabled=False, **declared), wants_grant(key="k-1"), wants_alias("db", "k-1"))
    steps = listed(desired, there(real))
    assert steps.index("DisableKey") > max(steps.index("CreateGrant"), steps.index("CreateAlias"))


def test_ties_are_broken_by_address():
    desired = declares(wants("c"), wants("a"), wants("b"))
    assert [node.id.address.name for node in nodes(plan(desired, there()))] == ["a", "b", "c"]


def test_a_plan_that_waits_for_itself_is_refused():
    steps = (EnableKey(ExistingKey("k-1")),)
    one = Change(DB, Action.UPDATE, Reason.DIFFERS, steps=steps, depends_on=(APP,))
    two = Change(APP, Action.UPDATE, Reason.DIFFERS, steps=steps, depends_on=(DB,))
    with pytest.raises(CycleError):
        nodes(Plan("default", {}, "", (one, two)))


def test_what_depends_on_a_change_without_steps_waits_for_nothing():
    waiting = Change(APP, Action.UPDATE, Reason.DIFFERS, steps=(DisableKey(ExistingKey("k")),), depends_on=(DB,))
    idle = Change(DB, Action.NO_OP, Reason.IN_SYNC)
    (node,) = nodes(Plan("default", {}, "", (waiting, idle)))
    assert (node.after, node.id.phase) == ((), Phase.FINISH)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_holds_every_step_once_after_what_it_waits_for_however_the_changes_are_listed(
    world: Any, random: Any
) -> None:
    planned = plan(*world)
    ordered = nodes(planned)
    done: set[Any] = set()
    for node in ordered:
        assert done.issuperset(node.after)
        done.add(node.id)
    assert len(done) == len(ordered)
    assert sorted(map(repr, (step for node in ordered for step in node.steps))) == sorted(
        repr(step) for _, step in planned.steps()
    )
    shuffled = list(planned.changes)
    random.shuffle(shuffled)
    assert nodes(replace(planned, changes=tuple(shuffled))) == ordered
