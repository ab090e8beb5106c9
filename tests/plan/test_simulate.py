"""What steps lead to, one kind at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.model.desired import AutomaticRotation, DesiredState
from reconciler.model.identifiers import AliasName, Days, GrantId
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedAlias, ObservedRotation
from reconciler.model.ownership import Ownership
from reconciler.model.usage import NeverUsed
from reconciler.plan.changes import Action, Change, Plan, Reason
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import (
    CancelDeletion,
    CreateAlias,
    CreateGrant,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    EnableKey,
    EnableRotation,
    ExistingKey,
    PutKeyPolicy,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateDescription,
)
from tests.plan.build import DB, IMPORTED, PRUNE, RSA, declares, has, has_grant, pending, there, wants
from tests.support.pools import READ_AT, STACK, terms_of

KEY = ExistingKey("k-1")
ON = ObservedRotation(enabled=True, period=Days(90), on_demand_rotations=1)
ALIAS = AliasName("alias/db")


def after(step, key, aliases=None):
    """The run's target after one step."""
    change = Change(DB, Action.UPDATE, Reason.DIFFERS, steps=(step,), resource_id="k-1")
    return simulate(Plan(STACK, {}, "", (change,)), there(key, aliases=aliases)).targets[""]


@pytest.mark.parametrize(
    ("step", "key", "field", "value"),
    [
        (UpdateDescription(KEY, "new"), has(), "description", "new"),
        (EnableKey(KEY), has(state=KeyState.DISABLED), "state", KeyState.ENABLED),
        (DisableKey(KEY), has(), "state", KeyState.DISABLED),
        (PutKeyPolicy(KEY, "{}"), has(), "policy", "{}"),
        (TagKey(KEY, {"b": "2"}), has(name=None, tags={"a": "1", "b": "1"}), "tags", {"a": "1", "b": "2"}),
        (UntagKey(KEY, ("a", "z")), has(name=None, tags={"a": "1", "b": "1"}), "tags", {"b": "1"}),
        (EnableRotation(KEY, Days(90)), has(), "rotation", ObservedRotation(enabled=True, period=Days(90))),
        (DisableRotation(KEY), has(rotation=ON), "rotation", ObservedRotation(enabled=False, on_demand_rotations=1)),
        (RotateOnDemand(KEY, 4), has(), "rotation", ObservedRotation(enabled=False, on_demand_rotations=5)),
        (ScheduleDeletion(KEY, Days(7)), has(), "state", KeyState.PENDING_DELETION),
        (ScheduleDeletion(KEY, Days(7)), has(), "deletion_date", READ_AT + timedelta(days=7)),
        (CancelDeletion(KEY), pending(), "state", KeyState.DISABLED),
        (CancelDeletion(KEY), pending(), "deletion_date", None),
        (CancelDeletion(KEY), pending(material=False, **IMPORTED), "state", KeyState.PENDING_IMPORT),
        (CreateGrant(KEY, has_grant().name, terms_of("reader")), has(grants=[has_grant()]), "grants", (has_grant(),)),
        (RevokeGrant(KEY, GrantId("g-1")), has(grants=[has_grant()]), "grants", ()),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "key") else None,
)
def test_a_step_changes_what_its_call_changes(step, key, field, value):
    assert getattr(after(step, key).keys["k-1"], field) == value


def test_a_new_grant_is_one_more():
    step = CreateGrant(ExistingKey("arn:aws:kms:us-east-1:444455556666:key/k-1"), "n", terms_of("other"))
    grants = after(step, has(grants=[has_grant()])).keys["k-1"].grants
    assert sorted(grant.name for grant in grants) == sorted(["n", has_grant().name])
    assert list(grants) == sorted(grants, key=lambda grant: grant.grant_id)


@pytest.mark.parametrize(
    ("step", "before", "result"),
    [
        (CreateAlias(ALIAS, KEY), {}, {ALIAS: ObservedAlias(ALIAS, "k-1")}),
        (UpdateAlias(ALIAS, KEY), {"db": "k-2"}, {ALIAS: ObservedAlias(ALIAS, "k-1")}),
        (DeleteAlias(ALIAS), {"db": "k-1"}, {}),
    ],
)
def test_aliases_come_move_and_go(step, before, result):
    assert after(step, has(), before).aliases == result


@pytest.mark.parametrize(
    ("declared", "state", "rotation"),
    [
        ({}, KeyState.ENABLED, ObservedRotation(enabled=False, on_demand_rotations=0)),
        ({"rotation": AutomaticRotation(Days(90))}, KeyState.ENABLED, ObservedRotation(True, Days(90), 0)),
        ({"enabled": False}, KeyState.DISABLED, ObservedRotation(enabled=False, on_demand_rotations=0)),
        (IMPORTED, KeyState.PENDING_IMPORT, None),
        (RSA, KeyState.ENABLED, None),
    ],
    ids=["plain", "rotating", "disabled", "imported", "asymmetric"],
)
def test_a_created_key_is_as_kms_would_make_it(declared, state, rotation):
    observed = there()
    (key,) = simulate(plan(declares(wants(**declared)), observed), observed).targets[""].keys.values()
    assert Ownership.of(key.tags) == Ownership(STACK, "db", 1)
    assert (key.state, key.rotation, key.created, key.last_use) == (state, rotation, READ_AT, NeverUsed())


def test_a_key_made_again_under_the_name_of_one_that_was_let_go_is_another():
    desired = declares(wants())
    one = simulate(plan(desired, there()), there())
    none = simulate(plan(DesiredState(STACK), one, PRUNE), one)
    two = simulate(plan(desired, none), none)
    assert [len(state.targets[""].keys) for state in (one, none, two)] == [1, 1, 2]


def test_what_was_observed_is_not_altered():
    observed = there(has())
    simulate(plan(declares(wants(description="new")), observed), observed)
    assert observed == there(has())
