"""Successors by manual rotation or replacement, and the keys before them."""

from __future__ import annotations

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import Deletion, Ignore, ManualRotation
from reconciler.model.identifiers import AliasName, Days
from reconciler.model.keyspec import KeyState
from reconciler.model.ownership import DELETION_TAG, GENERATION_TAG, GRANTS_TAG
from reconciler.plan.changes import Action, Reason
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import CreateKey, DisableKey, ExistingKey, PlannedKey, UpdateAlias
from tests.plan.build import (
    DB,
    IMPORTED,
    RSA,
    declares,
    differing,
    has,
    kinds,
    names,
    only,
    pending,
    planned,
    there,
    wants,
    wants_alias,
    wants_grant,
)
from tests.support.pools import POLICIES

YEARLY = ManualRotation(Days(365))


def keeping(keep, **fields):
    return wants(rotation=ManualRotation(Days(365), keep), **fields)


@pytest.mark.parametrize(("age", "due"), [(364, False), (365, True)])
def test_a_key_that_has_reached_its_age_is_succeeded(age, due):
    change = only(declares(wants(rotation=YEARLY)), there(has(age=age)))
    assert (change.reason is Reason.ROTATION_DUE) is due
    assert (change.action is Action.REPLACE) is due


def test_a_successor_is_of_the_next_generation_and_the_alias_moves_to_it():
    desired = declares(wants(rotation=YEARLY), wants_alias("db", DB))
    changes = planned(desired, there(has(age=400), aliases={"db": "k-1"}))
    (created,) = changes["Key/db"].steps
    assert isinstance(created, CreateKey)
    assert created.tags[GENERATION_TAG] == "2"
    assert changes["Alias/db"].steps == (UpdateAlias(AliasName("alias/db"), PlannedKey(DB, 2)),)
    assert differing(changes["Key/db"]) == {"ageDays": (400, ABSENT), "generation": (1, 2)}
    assert "still decrypts" in changes["Key/db"].detail
    assert names(changes["Alias/db"]) == []


def test_ignored_rotation_makes_no_successor():
    ignore = Ignore(fields=frozenset({"rotation"}))
    assert only(declares(wants(rotation=YEARLY, ignore=ignore)), there(has(age=400))).action is Action.NO_OP


def test_an_immutable_field_makes_a_successor_when_the_manifest_asks_for_it():
    change = only(declares(wants(replacement="NewKey", **RSA)), there(has()))
    assert (change.action, change.reason, kinds(change)) == (Action.REPLACE, Reason.IMMUTABLE_FIELD, ["CreateKey"])
    assert list(differing(change)) == ["keySpec", "keyUsage", "generation"]


def test_an_alias_between_keys_of_two_types_is_made_anew():
    desired = declares(wants(replacement="NewKey", **RSA), wants_alias("db", DB))
    change = planned(desired, there(has(), aliases={"db": "k-1"}))["Alias/db"]
    assert (kinds(change), names(change)) == (["DeleteAlias", "CreateAlias"], ["alias-gap"])


def test_no_key_is_kept_enabled_when_the_manifest_says_so_and_the_old_one_goes_last():
    change = only(declares(keeping(0)), there(has(age=400)))
    assert change.steps[-1] == DisableKey(ExistingKey("k-1"))
    assert "is disabled" in change.detail


@pytest.mark.parametrize(
    ("desired", "steps"),
    [
        pytest.param(wants(rotation=YEARLY), ["CreateKey", "CancelDeletion", "EnableKey"], id="kept"),
        pytest.param(keeping(0), ["CreateKey", "CancelDeletion"], id="not kept enabled"),
        pytest.param(
            wants(rotation=YEARLY, enabled=False), ["CreateKey", "CancelDeletion", "DisableKey"], id="disabled"
        ),
    ],
)
def test_a_key_that_awaits_deletion_when_it_is_succeeded_is_kept(desired, steps):
    assert sorted(kinds(only(declares(desired), there(pending(age=400))))) == sorted(steps)


def test_a_key_without_material_that_awaits_deletion_is_kept_and_not_granted():
    desired = declares(wants(replacement="NewKey"), wants_grant())
    changes = planned(desired, there(pending(material=False, **IMPORTED)))
    assert kinds(changes["Key/db"]) == ["CreateKey", "CancelDeletion"]
    assert kinds(changes["Grant/reader"]) == ["CreateGrant"]


def test_a_succeeded_key_goes_on_under_the_declared_policy_and_deletion_mark():
    desired = declares(wants(rotation=YEARLY, policy=POLICIES[0], deletion=Deletion("Schedule")))
    observed = there(has(age=400, policy=POLICIES[1]))
    first = plan(desired, observed)
    assert kinds(first.changes[0]) == ["CreateKey", "TagKey", "PutKeyPolicy"]
    assert plan(desired, simulate(first, observed)).effective == ()


def test_a_superseded_key_follows_the_declared_policy_and_deletion_mark():
    """Without the mark, a key kept by its manifest would be deleted as its predecessors were once to be."""
    desired = declares(wants(policy=POLICIES[0]))
    old = has("k-0", deletion=Deletion("Schedule"), policy=POLICIES[1])
    change = planned(desired, there(old, has(generation=2, policy=POLICIES[0])))["Key/db k-0"]
    assert (change.action, change.reason) == (Action.UPDATE, Reason.SUPERSEDED)
    assert change.steps[0].tags == {DELETION_TAG: "Retain"}
    assert kinds(change) == ["TagKey", "PutKeyPolicy"]


def test_a_superseded_key_of_another_type_keeps_its_own_policy():
    desired = declares(wants(policy=POLICIES[0], replacement="NewKey"))
    changes = planned(desired, there(has("k-0", policy=POLICIES[1], **RSA), has(generation=2, policy=POLICIES[0])))
    assert list(changes) == ["Key/db"]


def test_a_superseded_key_that_awaits_deletion_is_shown_and_not_called_back():
    change = planned(declares(keeping(1)), there(pending("k-0"), has(generation=2)))["Key/db k-0"]
    assert (change.action, change.reason, change.steps) == (Action.NO_OP, Reason.PENDING_DELETION, ())
    assert "2026-11-29" in change.detail


def test_a_superseded_key_without_a_date_awaits_deletion_all_the_same():
    change = planned(declares(wants()), there(pending("k-0", deletion_date=None), has(generation=2)))["Key/db k-0"]
    assert "which will be deleted:" in change.detail


@pytest.mark.parametrize(
    ("keep", "off"),
    [(None, []), (0, ["k-1", "k-2", "k-2b"]), (1, ["k-1"]), (2, [])],
)
def test_generations_beyond_the_number_to_keep_are_disabled_and_twins_count_as_one(keep, off):
    observed = there(
        has("k-1", generation=1), has("k-2", generation=2), has("k-2b", generation=2, age=1), has("k-3", generation=3)
    )
    changes = plan(declares(keeping(keep)), observed).changes
    assert [c.resource_id for c in changes if c.action is Action.DISABLE] == off


def test_a_key_that_awaits_deletion_does_not_count_as_kept():
    observed = there(has("k-1"), pending("k-2", generation=2), has("k-3", generation=3))
    changes = plan(declares(keeping(1)), observed).changes
    assert not [c for c in changes if c.action is Action.DISABLE]


@pytest.mark.parametrize(
    ("desired", "steps"),
    [
        pytest.param(keeping(1), ["EnableKey"], id="kept"),
        pytest.param(wants(rotation=YEARLY), [], id="no number to keep"),
        pytest.param(keeping(1, enabled=False), [], id="declared disabled"),
        pytest.param(keeping(1, ignore=Ignore(fields=frozenset({"enabled"}))), [], id="enabled is ignored"),
        pytest.param(keeping(1, ignore=Ignore(fields=frozenset({"rotation"}))), [], id="rotation is ignored"),
    ],
)
def test_a_disabled_key_is_enabled_again_only_within_a_declared_number_to_keep(desired, steps):
    observed = there(has("k-0", state=KeyState.DISABLED), has(generation=2, state=KeyState.DISABLED))
    changes = planned(declares(desired), observed)
    found = [step for name in changes if name.endswith("k-0") for step in kinds(changes[name])]
    assert found == steps


@pytest.mark.parametrize(
    ("manifest", "tag"), [(True, True), (True, False), (False, True)], ids=["both", "manifest", "tag"]
)
def test_a_protected_key_is_never_disabled_by_age(manifest, tag):
    desired = keeping(0, deletion=Deletion(protect=manifest))
    old = has("k-0", deletion=Deletion(protect=tag))
    changes = plan(declares(desired), there(old, has(generation=2, deletion=Deletion(protect=manifest)))).changes
    assert not [c for c in changes if c.action is Action.DISABLE]


def test_an_earlier_key_that_is_granted_bears_the_count_of_its_grants():
    changes = planned(declares(wants(), wants_grant()), there(has("k-0"), has(generation=2)))
    assert changes["Key/db k-0"].steps[0].tags == {GRANTS_TAG: "1"}


def test_a_successor_whose_material_is_imported_makes_moving_the_alias_dangerous():
    desired = declares(wants(rotation=YEARLY, **IMPORTED), wants_alias("db", DB))
    change = planned(desired, there(has(age=400, **IMPORTED), aliases={"db": "k-1"}))["Alias/db"]
    assert names(change) == ["alias-to-unusable-key"]


def test_the_twins_of_a_succeeded_key_are_superseded_with_it():
    desired = declares(keeping(0))
    observed = there(has(age=400), has("k-2", age=399))
    first = plan(desired, observed)
    assert [(c.resource_id, c.action) for c in first.changes] == [("k-1", Action.REPLACE), ("k-2", Action.DISABLE)]
    assert plan(desired, simulate(first, observed)).effective == ()


def test_a_successor_is_as_young_as_the_plan_that_made_it():
    desired = declares(wants(rotation=YEARLY))
    observed = there(has(age=400))
    assert plan(desired, simulate(plan(desired, observed), observed)).effective == ()
