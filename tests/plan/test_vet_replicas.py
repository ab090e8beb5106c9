"""A rewritten plan file does with replicas no worse than it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.desired import Ignore, ManualRotation
from reconciler.model.identifiers import RUN_TARGET, Days, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.observed import Regions
from reconciler.model.ownership import Ownership
from reconciler.model.scope import Scope
from reconciler.model.target import Target
from reconciler.plan.changes import Action, Change, FieldChange, Plan, Reason
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.saved.fingerprint import label
from reconciler.plan.saved.planfile import SavedPlan, dump, load, stale
from reconciler.plan.saved.vet import contradictions, objections, reassessed
from reconciler.plan.steps import DisableRotation, ExistingKey, PlannedKey, ReplicateKey, UpdatePrimary
from tests.plan.build import (
    DB,
    DB_EU,
    EU,
    by_name,
    declares,
    everywhere,
    has_primary,
    has_replica,
    names,
    there,
    wants,
    wants_replica,
)
from tests.support.pools import ACCOUNTS, POLICIES, STACK

WORLD = everywhere(there(has_primary(regions=Regions("us-east-1"))), has_replica("mrk-2", "app-eu"))
DECLARED = declares(wants(multi_region=True, primary_region="eu-west-1"), wants_replica(policy=POLICIES[1]))
SOUND = plan(DECLARED, WORLD)


def forged(step: Any, *, of: Change) -> Plan:
    change = replace(of, steps=(step,))
    return Plan(STACK, ACCOUNTS, "d", (change,), {label(change): "0" * 64})


def replication(**fields: Any) -> Plan:
    change = by_name(SOUND)["ReplicaKey/db-eu@eu"]
    return forged(replace(change.steps[0], **fields), of=change)


def move(**fields: Any) -> Plan:
    change = by_name(SOUND)["Key/db"]
    return forged(replace(change.steps[0], **fields), of=change)


def saved(of: Plan) -> SavedPlan:
    targets = {name: Target(name) for name in ACCOUNTS}
    return SavedPlan(of, targets, {name: Scope(STACK) for name in ACCOUNTS})


def test_a_step_in_a_region_without_the_key_is_objected_to():
    change = Change(DB, Action.UPDATE, Reason.DIFFERS, resource_id="mrk-1")
    assert objections(forged(DisableRotation(ExistingKey("mrk-1"), EU), of=change), WORLD)
    world = everywhere(there(has_primary()), has_replica())
    assert objections(forged(DisableRotation(ExistingKey("mrk-1"), EU), of=change), world) == ()


def test_what_the_planner_made_is_sound_and_survives_its_file():
    assert objections(SOUND, WORLD) == ()
    file = saved(SOUND)
    assert contradictions(file) == ()
    assert load(dump(file)) == file


def test_a_replica_of_a_key_that_the_plan_creates_is_sound():
    made = plan(declares(wants(multi_region=True), wants_replica()), everywhere(there()))
    assert objections(made, everywhere(there())) == ()


@pytest.mark.parametrize(
    ("live", "ignore"),
    [
        pytest.param(POLICIES[0], Ignore(), id="another policy than the old one's"),
        pytest.param(POLICIES[1], Ignore(), id="the same"),
        pytest.param(POLICIES[0], Ignore((), frozenset({"policy"})), id="one that is left alone once it is there"),
    ],
)
def test_a_successor_of_a_replica_shows_its_policy_and_is_sound(live, ignore):
    rotation = ManualRotation(Days(90))
    wish = wants_replica(rotation=rotation, policy=POLICIES[1], ignore=ignore)
    world = everywhere(there(has_primary(age=100)), has_replica(age=100, policy=live))
    made = plan(declares(wants(multi_region=True, rotation=rotation), wish), world)
    shown = [field.after for field in by_name(made)["ReplicaKey/db-eu@eu"].fields if field.path == "policy"]
    assert shown == [POLICIES[1]]
    assert objections(made, world) == ()


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(replication(primary=ExistingKey("mrk-9")), id="of a key that was not found"),
        pytest.param(replication(primary=PlannedKey(DB, 7)), id="of a key that is not created"),
        pytest.param(replication(region="ap-south-1"), id="to another Region"),
        pytest.param(replication(policy=POLICIES[2]), id="with a policy that is not shown"),
        pytest.param(replication(owner=Ownership(STACK, "other", 1)), id="under another name"),
        pytest.param(replication(tags={}), id="without its tags"),
        pytest.param(move(region="ap-south-1"), id="a primary to another Region"),
        pytest.param(move(key=ExistingKey("mrk-9")), id="another key's primary"),
    ],
)
def test_a_step_that_no_planner_makes_is_objected_to(plan):
    assert objections(plan, WORLD)


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(replication(at=TargetName("far")), id="replicated from there"),
        pytest.param(move(at=TargetName("far")), id="moved from there"),
        pytest.param(move(to=TargetName("far")), id="moved to there"),
    ],
)
def test_a_target_that_is_not_described_is_seen(plan):
    assert contradictions(saved(plan))


def test_the_dangers_of_a_replica_that_the_file_hides_are_found_again():
    shown = by_name(SOUND)["ReplicaKey/db-eu@eu"]
    change = replace(shown, fields=(FieldChange("policy", None, POLICIES[2]),))
    hidden = forged(replace(shown.steps[0], policy=POLICIES[2]), of=change)
    assert "public-policy" in names(reassessed(hidden, WORLD, PlanOptions()).changes[0])


def test_a_plan_is_stale_when_the_primary_of_a_replica_has_changed():
    file = saved(SOUND)
    assert stale(file, WORLD) == ()
    other = everywhere(there(has_primary("mrk-7", regions=Regions("us-east-1"))), has_replica("mrk-2", "app-eu"))
    assert "ReplicaKey/db-eu@eu" in stale(file, other)


def test_steps_have_the_form_that_the_codec_knows():
    owner = Ownership(STACK, "db-eu", 1)
    fixed = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS)
    steps = (
        ReplicateKey(PlannedKey(DB_EU, 1), ExistingKey("mrk-1"), RUN_TARGET, "eu-west-1", owner, *fixed, "", None),
        UpdatePrimary(ExistingKey("mrk-1"), RUN_TARGET, EU, "eu-west-1"),
    )
    change = Change(DB_EU, Action.UPDATE, Reason.DIFFERS, steps=steps, resource_id="mrk-1")
    file = saved(Plan(STACK, ACCOUNTS, "d", (change,), {label(change): "0" * 64}))
    assert load(dump(file)) == file
