"""Adopting a key that is there: explicit, and never from another stack."""

from __future__ import annotations

import pytest

from reconciler.model.desired import AdoptAlias, AdoptKeyId, AdoptTags, ManualRotation
from reconciler.model.identifiers import AliasName, Days, KeyArn
from reconciler.model.keyspec import KeyState
from reconciler.model.ownership import GENERATION_TAG, NAME_TAG, STACK_TAG, Ownership
from reconciler.plan.changes import Action, Reason
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from tests.plan.build import DB, RSA, declares, has, kinds, only, pending, planned, there, wants, wants_alias

BY_ID = AdoptKeyId("k-1")
FOREIGN = has(name=None, tags=Ownership("other", "db", 1).tags())


@pytest.mark.parametrize(
    "adoption",
    [
        BY_ID,
        AdoptKeyId("arn:aws:kms:us-east-1:111122223333:key/k-1"),
        AdoptAlias(AliasName("alias/old")),
        AdoptTags({"app": "db"}),
    ],
    ids=["id", "arn", "alias", "tags"],
)
def test_a_key_is_adopted_by_tagging_it(adoption):
    observed = there(has(name=None, tags={"app": "db", "x": "y"}), has("k-2", None), aliases={"old": "k-1"})
    change = planned(declares(wants(adopt=adoption)), observed)["Key/db"]
    assert (change.action, change.reason, change.resource_id) == (Action.ADOPT, Reason.ADOPTION_ASKED, "k-1")
    (step,) = change.steps
    assert {STACK_TAG: "default", NAME_TAG: "db", GENERATION_TAG: "1"}.items() <= step.tags.items()


def test_an_alias_declared_for_an_adopted_key_points_to_it():
    desired = declares(wants(adopt=BY_ID), wants_alias("db", DB))
    assert kinds(planned(desired, there(has(name=None)))["Alias/db"]) == ["CreateAlias"]


def test_a_key_that_is_adopted_already_is_a_key_like_any_other():
    assert only(declares(wants(adopt=BY_ID)), there(has())).action is Action.NO_OP


@pytest.mark.parametrize(
    ("key", "steps"),
    [
        pytest.param(has(name=None, state=KeyState.DISABLED), ["EnableKey", "TagKey"], id="disabled"),
        pytest.param(pending(name=None), ["CancelDeletion", "EnableKey", "TagKey"], id="pending deletion"),
    ],
)
def test_an_adopted_key_is_made_as_declared_at_once(key, steps):
    assert kinds(only(declares(wants(adopt=BY_ID)), there(key))) == steps


@pytest.mark.parametrize(
    ("adoption", "keys", "why"),
    [
        pytest.param(BY_ID, [], "there is no key k-1 in this account and Region", id="not there"),
        pytest.param(AdoptAlias(AliasName("alias/none")), [], "there is no alias/none in", id="no such alias"),
        pytest.param(
            AdoptTags({"b": "c", "a": "b"}), [has(name=None)], "no key has the tags a=b, b=c", id="no such tags"
        ),
        pytest.param(AdoptTags({}), [has(name=None)], "no key has the tags", id="no tags at all"),
        pytest.param(
            AdoptTags({"a": "b"}),
            [has(name=None, tags={"a": "b"}), has("k-2", None, tags={"a": "b"})],
            "2 keys have these tags: k-1, k-2",
            id="tags of two keys",
        ),
        pytest.param(BY_ID, [has(name=None, aws_managed=True)], "managed by AWS", id="managed by AWS"),
        pytest.param(BY_ID, [FOREIGN], "already db of stack other", id="of another stack"),
        pytest.param(
            BY_ID, [has(name="app")], "already app of stack default: let it go there first", id="of another name"
        ),
        pytest.param(
            AdoptKeyId("arn:aws:kms:us-east-1:444455556666:key/k-1"),
            [has(name=None, arn=KeyArn("arn:aws:kms:us-east-1:444455556666:key/k-1"))],
            "another account",
            id="of another account",
        ),
    ],
)
def test_a_key_that_cannot_be_adopted_blocks_the_plan_and_nothing_is_created(adoption, keys, why):
    change = planned(declares(wants(adopt=adoption), wants("app")), there(*keys))["Key/db"]
    assert (change.action, change.reason, change.steps) == (Action.BLOCKED, Reason.ADOPTION_FAILED, ())
    assert why in change.detail


@pytest.mark.parametrize("replacement", ["Forbid", "NewKey"])
def test_a_key_that_differs_in_what_kms_cannot_change_is_not_adopted(replacement):
    change = only(declares(wants(adopt=BY_ID, replacement=replacement)), there(has(name=None, **RSA)))
    assert (change.action, change.reason, change.steps) == (Action.BLOCKED, Reason.IMMUTABLE_FIELD, ())


def test_two_manifests_cannot_adopt_one_key():
    changes = planned(declares(wants(adopt=BY_ID), wants("app", adopt=AdoptKeyId("k-1"))), there(has(name=None)))
    assert {change.action for change in changes.values()} == {Action.BLOCKED}
    assert "2 manifests adopt key k-1" in changes["Key/db"].detail


def test_adopting_an_old_key_does_not_rotate_it_in_the_same_plan():
    desired = declares(wants(adopt=BY_ID, rotation=ManualRotation(Days(90))))
    observed = there(has(name=None, age=400))
    first = plan(desired, observed)
    second = plan(desired, simulate(first, observed))
    assert [change.action for change in first.changes] == [Action.ADOPT]
    assert [change.action for change in second.changes] == [Action.REPLACE]
