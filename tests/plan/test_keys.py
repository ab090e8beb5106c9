"""What a plan does to a declared key and its facets."""

from __future__ import annotations

import json

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import Deletion, DesiredState, Ignore
from reconciler.model.identifiers import Days
from reconciler.model.keyspec import KeyState, Origin
from reconciler.model.ownership import DELETION_TAG, GENERATION_TAG, GRANTS_TAG, NAME_TAG, STACK_TAG
from reconciler.plan.changes import Action, Reason
from reconciler.plan.planner import plan
from reconciler.plan.steps import CreateKey, ExistingKey, PutKeyPolicy, TagKey, UpdateDescription
from tests.plan.build import (
    DB,
    IMPORTED,
    declares,
    differing,
    has,
    has_grant,
    kinds,
    only,
    pending,
    planned,
    there,
    wants,
    wants_grant,
)
from tests.support.pools import ACCOUNT_ID, POLICIES, TARGETS, policy


def test_a_missing_key_is_created_with_its_tags_in_the_same_call():
    change = only(declares(wants(tags={"team": "a"}, deletion=Deletion("Schedule", Days(7), protect=True))), there())
    (step,) = change.steps
    assert isinstance(step, CreateKey)
    assert (change.action, change.reason, change.resource_id) == (Action.CREATE, Reason.MISSING, None)
    assert step.tags == {
        "team": "a",
        STACK_TAG: "default",
        NAME_TAG: "db",
        GENERATION_TAG: "1",
        DELETION_TAG: "Schedule/7/protect",
    }


def test_a_key_declared_disabled_is_disabled_once_it_is_there():
    assert kinds(only(declares(wants(enabled=False)), there())) == ["CreateKey", "DisableKey"]


def test_a_key_without_material_is_not_disabled():
    assert kinds(only(declares(wants(enabled=False, **IMPORTED)), there())) == ["CreateKey"]


def test_a_new_key_shows_every_declared_field_and_no_other():
    fields = differing(only(declares(wants(description="d", tags={"b": "2", "a": "1"})), there()))
    assert list(fields) == [
        "keySpec", "keyUsage", "origin", "multiRegion", "description", "enabled", "tags[a]", "tags[b]",
    ]  # fmt: skip


def test_a_key_as_declared_is_left_alone():
    change = only(declares(wants(description="", tags={})), there(has()))
    assert (change.action, change.reason, change.steps) == (Action.NO_OP, Reason.IN_SYNC, ())


@pytest.mark.parametrize(
    ("declared", "real", "step"),
    [
        pytest.param({"description": "new"}, {}, UpdateDescription(ExistingKey("k-1"), "new"), id="description"),
        pytest.param(
            {"tags": {"a": "1", "b": "2"}},
            {"tags": {"a": "1", "b": "0", "c": "3"}},
            TagKey(ExistingKey("k-1"), {"b": "2"}),
            id="only the tags that differ",
        ),
        pytest.param(
            {"policy": POLICIES[0]},
            {"policy": POLICIES[1]},
            PutKeyPolicy(ExistingKey("k-1"), POLICIES[0]),
            id="policy",
        ),
        pytest.param(
            {"policy": POLICIES[0]},
            {"policy": "nobody can read this"},
            PutKeyPolicy(ExistingKey("k-1"), POLICIES[0]),
            id="a policy that cannot be read",
        ),
        pytest.param(
            {"deletion": Deletion("Schedule")},
            {},
            TagKey(ExistingKey("k-1"), {DELETION_TAG: "Schedule/30"}),
            id="deletion mark",
        ),
        pytest.param(
            {},
            {"tags": {GENERATION_TAG: "?"}},
            TagKey(ExistingKey("k-1"), {GENERATION_TAG: "1"}),
            id="a generation that cannot be read",
        ),
    ],
)
def test_a_facet_that_differs_is_changed_by_one_step(declared, real, step):
    change = only(declares(wants(**declared)), there(has(**real)))
    assert (change.action, change.reason, change.steps) == (Action.UPDATE, Reason.DIFFERS, (step,))


@pytest.mark.parametrize(
    ("declared", "real"),
    [
        pytest.param({"description": "new"}, {}, id="description"),
        pytest.param({"policy": POLICIES[0]}, {"policy": POLICIES[1]}, id="policy"),
        pytest.param({"enabled": False}, {}, id="enabled"),
        pytest.param({"tags": {"a": "1"}}, {}, id="tags"),
    ],
)
def test_an_ignored_field_is_somebody_elses(declared, real):
    (field,) = declared
    assert only(declares(wants(**declared, ignore=Ignore(fields=frozenset({field})))), there(has(**real))).steps == ()


def test_ignored_tags_are_left_alone_by_pattern_and_those_of_ownership_never_are():
    ignore = Ignore(tags=("cost*", "kms.reconciler.dev/*"))
    desired = declares(wants(tags={"cost-center": "1", "team": "a"}, ignore=ignore))
    (step,) = only(desired, there(has(tags={DELETION_TAG: "damaged"}))).steps
    assert step.tags == {"team": "a", DELETION_TAG: "Retain"}


def test_a_policy_that_says_the_same_in_other_words_is_left_and_shown_as_cosmetic():
    root = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT_ID}, "Action": "kms:*", "Resource": "*"}
    in_other_words = policy({**root, "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT_ID}:root"]}})
    renamed = policy({**root, "Sid": "Other"})
    same = only(declares(wants(policy=policy(root))), there(has(policy=in_other_words)))
    shown = only(declares(wants(policy=policy(root))), there(has(policy=renamed)))
    assert (same.action, same.fields) == (Action.NO_OP, ())
    assert (shown.action, [field.cosmetic for field in shown.fields]) == (Action.NO_OP, [True])


def test_a_policy_that_was_split_or_names_the_key_itself_is_left_and_shown_as_cosmetic():
    key = has()
    root = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT_ID}, "Action": "kms:*", "Resource": "*"}
    split = [{**root, "Action": "kms:D*"}, {**root, "NotAction": "kms:D*", "Resource": str(key.arn)}]
    del split[1]["Action"]
    said = json.dumps({"Version": "2012-10-17", "Statement": split})
    left = only(declares(wants(policy=policy(root))), there(has(policy=said)))
    assert (left.action, left.steps, [field.cosmetic for field in left.fields]) == (Action.NO_OP, (), [True])


def test_a_policy_that_was_not_read_is_not_judged():
    assert only(declares(wants(policy=POLICIES[0])), there(has(policy=None))).steps == ()


@pytest.mark.parametrize(
    ("enabled", "state", "steps"),
    [
        (True, KeyState.ENABLED, []),
        (True, KeyState.DISABLED, ["EnableKey"]),
        (False, KeyState.ENABLED, ["DisableKey"]),
        (False, KeyState.DISABLED, []),
        (ABSENT, KeyState.ENABLED, []),
        (ABSENT, KeyState.DISABLED, []),
        (True, KeyState.PENDING_IMPORT, []),
        (False, KeyState.UNAVAILABLE, []),
        (True, KeyState.CREATING, []),
        (True, KeyState.UPDATING, []),
        (True, KeyState.PENDING_DELETION, ["CancelDeletion", "EnableKey"]),
        (ABSENT, KeyState.PENDING_DELETION, ["CancelDeletion", "EnableKey"]),
        (False, KeyState.PENDING_REPLICA_DELETION, ["CancelDeletion"]),
    ],
)
def test_a_key_is_enabled_disabled_or_brought_back_as_declared(enabled, state, steps):
    assert kinds(only(declares(wants(enabled=enabled)), there(has(state=state)))) == steps


def test_a_declared_key_that_awaits_deletion_is_wanted_back_before_anything_else():
    change = only(declares(wants(description="new")), there(has(state=KeyState.PENDING_DELETION)))
    assert (change.action, change.reason) == (Action.CANCEL_DELETION, Reason.PENDING_DELETION)
    assert kinds(change) == ["CancelDeletion", "EnableKey", "UpdateDescription"]


def test_a_key_whose_deletion_is_cancelled_waits_for_its_material_if_it_never_had_any():
    key = pending(material=False, tags={GRANTS_TAG: "1"}, **IMPORTED)
    changes = planned(declares(wants(**IMPORTED), wants_grant()), there(key))
    assert kinds(changes["Key/db"]) == ["CancelDeletion"]
    assert differing(changes["Key/db"]) == {"state": ("PendingDeletion", "PendingImport")}
    assert changes["Grant/reader"].steps == ()


def test_a_key_declared_disabled_is_opened_for_a_grant_and_closed_again():
    desired = declares(wants(enabled=False), wants_grant())
    change = planned(desired, there(has(state=KeyState.DISABLED, tags={GRANTS_TAG: "1"})))["Key/db"]
    assert kinds(change) == ["EnableKey", "DisableKey"]


def test_a_grant_whose_name_is_there_with_other_terms_opens_its_key_too():
    """KMS writes the id of a deleted role in the place of its ARN."""
    wish = wants_grant()
    real = has_grant()
    orphaned = has_grant(terms=real.terms.__class__("AROAEXAMPLE", None, None, None, real.terms.operations))
    orphaned = orphaned.__class__(orphaned.grant_id, orphaned.key_id, real.name, orphaned.terms)
    key = has(state=KeyState.DISABLED, tags={GRANTS_TAG: "1"}, grants=[orphaned])
    changes = planned(declares(wants(enabled=False), wish), there(key))
    assert kinds(changes["Key/db"]) == ["EnableKey", "DisableKey"]
    assert kinds(changes["Grant/reader"]) == ["RevokeGrant", "CreateGrant"]


def test_a_key_with_a_deletion_that_is_cancelled_and_a_grant_to_make_is_opened_and_closed():
    key = has(state=KeyState.PENDING_DELETION, tags={GRANTS_TAG: "1"})
    change = planned(declares(wants(enabled=False), wants_grant()), there(key))["Key/db"]
    assert kinds(change) == ["CancelDeletion", "EnableKey", "DisableKey"]


def test_the_most_grants_that_a_key_had_only_rises():
    rising = planned(declares(wants(), wants_grant()), there(has()))["Key/db"]
    falling = only(declares(wants()), there(has(tags={GRANTS_TAG: "9"}, grants=[])))
    assert [step.tags for step in rising.steps] == [{GRANTS_TAG: "1"}]
    assert falling.steps == ()


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"origin": Origin.EXTERNAL}, "origin"),
        ({"multi_region": True}, "multiRegion"),
    ],
)
def test_a_field_that_kms_cannot_change_blocks_the_plan(fields, path):
    change = only(declares(wants(**fields)), there(has()))
    assert (change.action, change.reason) == (Action.BLOCKED, Reason.IMMUTABLE_FIELD)
    assert list(differing(change)) == [path]
    assert change.steps == ()


def test_a_target_that_was_not_observed_is_an_error():
    elsewhere = wants()
    elsewhere = elsewhere.__class__(elsewhere.address.__class__(DB.kind, "db", TARGETS[1]), elsewhere.position)
    with pytest.raises(KeyError, match="not observed"):
        plan(declares(elsewhere), there())


def test_where_the_manifest_says_so_stands_on_every_change_of_a_declared_address():
    assert only(declares(wants()), there()).position == wants().position
    assert only(DesiredState("default"), there(has())).position is None
