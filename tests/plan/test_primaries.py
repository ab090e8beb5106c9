"""What a plan does about the primary of a multi-Region key: where it is, and the rotation that is its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.desired import AutomaticRotation, OnDemandRotation
from reconciler.model.identifiers import RUN_TARGET, Days, TargetName
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedRotation, ObservedState, Regions
from reconciler.model.ownership import ROTATION_TAG
from reconciler.plan.changes import Action, Reason
from reconciler.plan.order import Phase, nodes
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import EnableRotation, ExistingKey, RotateOnDemand, UpdatePrimary
from tests.plan.build import (
    DB,
    DB_EU,
    EU,
    by_name,
    declares,
    everywhere,
    has_primary,
    has_replica,
    kinds,
    names,
    planned,
    there,
    wants,
    wants_replica,
)
from tests.plan.multiregion import ALONE, ELSEWHERE, KEY, NOTHING, REPLICA, WIDE, related


class TestThePrimaryMoves:
    def test_in_one_step_when_every_key_is_prepared_and_before_any_is_closed(self):
        desired = declares(wants(primary_region="eu-west-1", enabled=False, **WIDE), wants_replica(enabled=False))
        made = plan(desired, related())
        assert kinds(by_name(made)[KEY]) == ["UpdatePrimary", "DisableKey"]
        assert by_name(made)[KEY].steps[0] == UpdatePrimary(ExistingKey("mrk-1"), RUN_TARGET, EU, "eu-west-1")
        assert names(by_name(made)[KEY])[-1] == "moves-primary"
        assert [(node.id.address, node.id.phase) for node in nodes(made)] == [
            (DB, Phase.MOVE),
            (DB_EU, Phase.FINISH),
            (DB, Phase.FINISH),
        ]

    def test_disabled_keys_are_opened_for_it(self):
        desired = declares(wants(primary_region="eu-west-1", enabled=False, **WIDE), wants_replica(enabled=False))
        changes = planned(desired, related(state=KeyState.DISABLED))
        assert kinds(changes[KEY]) == ["EnableKey", "UpdatePrimary", "DisableKey"]
        assert kinds(changes[REPLICA]) == ["EnableKey", "DisableKey"]

    def test_back_from_where_it_is(self):
        desired = declares(wants(primary_region="us-east-1", **WIDE), wants_replica())
        (step,) = planned(desired, related(regions=ELSEWHERE))[KEY].steps
        assert (step.at, step.to, step.region) == (EU, RUN_TARGET, "us-east-1")

    def test_of_a_new_key_once_its_replica_is_there(self):
        made = plan(declares(wants(primary_region="eu-west-1", **WIDE), wants_replica()), NOTHING)
        assert kinds(by_name(made)[KEY]) == ["CreateKey", "UpdatePrimary"]
        order = [(node.id.address, node.id.phase) for node in nodes(made)]
        assert order == [(DB, Phase.PREPARE), (DB_EU, Phase.PREPARE), (DB, Phase.MOVE)]
        after = simulate(made, NOTHING)
        assert {key.regions for target in after.targets.values() for key in target.keys.values()} == {ELSEWHERE}

    def test_of_which_targets_without_a_related_key_hear_nothing(self):
        observed = related()
        account = replace(observed.targets[EU].account, region="ap-south-1")
        far = replace(observed.targets[EU], account=account, keys={})
        three = ObservedState({**observed.targets, TargetName("far"): far})
        made = plan(declares(wants(primary_region="eu-west-1", **WIDE), wants_replica()), three)
        assert simulate(made, three).targets[TargetName("far")] == far

    def test_it_is_left_where_it_is_when_nothing_is_declared(self):
        changes = planned(declares(wants(**WIDE), wants_replica()), related(regions=ELSEWHERE))
        assert {change.action for change in changes.values()} == {Action.NO_OP}

    @pytest.mark.parametrize(
        ("wanted", "regions", "why"),
        [
            pytest.param("eu-west-1", Regions("ap-south-1", ("us-east-1",)), "no target of the run", id="from nowhere"),
            pytest.param("ap-south-1", Regions("us-east-1", ("ap-south-1",)), "no replica in", id="to nowhere"),
            pytest.param("eu-west-1", ALONE, "no replica in", id="to a Region without one"),
        ],
    )
    def test_only_between_regions_that_the_run_reaches(self, wanted, regions, why):
        observed = everywhere(there(has_primary(regions=regions)))
        change = planned(declares(wants(primary_region=wanted, **WIDE)), observed)[KEY]
        assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)
        assert why in change.detail

    def test_a_new_key_whose_primary_would_go_nowhere_is_made_and_the_next_plan_says_why_it_stays(self):
        change = planned(declares(wants(primary_region="ap-south-1", **WIDE)), NOTHING)[KEY]
        assert kinds(change) == ["CreateKey"]

    def test_to_a_replica_that_somebody_else_declares(self):
        observed = everywhere(there(has_primary()), has_replica(name=None))
        change = planned(declares(wants(primary_region="eu-west-1", **WIDE)), observed)[KEY]
        assert kinds(change) == ["UpdatePrimary"]


class TestRotationIsThePrimarys:
    OFF = ObservedRotation(enabled=False, on_demand_rotations=0)

    def test_and_is_changed_where_the_primary_is(self):
        desired = declares(wants(rotation=AutomaticRotation(), **WIDE), wants_replica(enabled=False))
        observed = related(regions=ELSEWHERE, rotation=self.OFF, state=KeyState.DISABLED)
        made = plan(desired, observed)
        assert by_name(made)[KEY].steps[-1] == EnableRotation(ExistingKey("mrk-1"), Days(365), EU)
        assert kinds(by_name(made)[KEY]) == ["EnableKey", "EnableRotation"]
        assert kinds(by_name(made)[REPLICA]) == ["EnableKey", "DisableKey"]
        order = [(node.id.address, node.id.phase) for node in nodes(made)]
        assert order[-2:] == [(DB, Phase.MOVE), (DB_EU, Phase.FINISH)]

    def test_on_demand_too_and_its_mark_stays_with_the_key(self):
        mark = {ROTATION_TAG: "1/0"}
        desired = declares(wants(rotation=OnDemandRotation(2), **WIDE), wants_replica())
        key = has_primary(regions=ELSEWHERE, rotation=self.OFF, tags=mark)
        change = planned(desired, everywhere(there(key), has_replica(regions=ELSEWHERE)))[KEY]
        assert [step for step in change.steps if isinstance(step, RotateOnDemand)] == [
            RotateOnDemand(ExistingKey("mrk-1"), 0, EU)
        ]
        assert kinds(change) == ["TagKey", "RotateOnDemand", "TagKey"]

    @pytest.mark.parametrize(
        ("replicas", "why"),
        [((has_replica(regions=ELSEWHERE, state=KeyState.DISABLED),), "is not"), ((), "is not")],
        ids=["disabled", "not there"],
    )
    def test_on_demand_only_while_the_primary_is_enabled(self, replicas, why):
        desired = declares(wants(rotation=OnDemandRotation(2), **WIDE))
        key = has_primary(regions=ELSEWHERE, rotation=self.OFF, tags={ROTATION_TAG: "1/0"})
        change = planned(desired, everywhere(there(key), *replicas))[KEY]
        assert change.action is Action.BLOCKED
        assert why in change.detail

    def test_and_blocked_where_nobody_looks(self):
        desired = declares(wants(rotation=AutomaticRotation(), **WIDE))
        key = has_primary(regions=Regions("ap-south-1", ("us-east-1",)), rotation=self.OFF)
        change = planned(desired, everywhere(there(key)))[KEY]
        assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)

    def test_of_an_adopted_key_likewise(self):
        from reconciler.model.desired import AdoptKeyId

        desired = declares(wants(rotation=AutomaticRotation(), adopt=AdoptKeyId("mrk-1"), **WIDE))
        key = has_primary(name=None, regions=Regions("ap-south-1", ("us-east-1",)), rotation=self.OFF)
        change = planned(desired, everywhere(there(key)))[KEY]
        assert (change.action, change.resource_id) == (Action.BLOCKED, "mrk-1")
