"""Two keys of one name and generation: two applies at once, or a crash, made one each."""

from __future__ import annotations

import pytest

from reconciler.model.desired import Deletion
from reconciler.model.usage import NeverUsed, UsageUnknown, UsedAt
from reconciler.plan.changes import Action, Reason
from reconciler.plan.planner import plan, usage_questions
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import ExistingKey, ScheduleDeletion
from tests.plan.build import (
    DB,
    PRUNE,
    declares,
    has,
    has_grant,
    kinds,
    pending,
    planned,
    there,
    wants,
    wants_alias,
    wants_grant,
)
from tests.support.pools import POLICIES, READ_AT

UNUSED = NeverUsed()
DESIRED = declares(wants())


def twin(desired, *keys, aliases=None, options=None):
    return planned(desired, there(*keys, aliases=aliases), options)["Key/db k-2"]


def younger(**fields):
    return has("k-2", **fields)


OLDER = has(age=1)


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        pytest.param([has("k-1", age=1), has("k-2", age=2)], "k-2", id="the older"),
        pytest.param([has("k-1", age=1), has("k-2", age=1)], "k-1", id="the lesser id of one age"),
        pytest.param([pending("k-1", age=2), has("k-2", age=1)], "k-2", id="one that does not await deletion"),
    ],
)
def test_of_twins_every_plan_means_the_same_key(keys, meant):
    changes = planned(declares(wants(description="new")), there(*keys)).values()
    assert [c.resource_id for c in changes if "UpdateDescription" in kinds(c)] == [meant]


def test_a_twin_that_never_encrypted_is_scheduled_for_deletion_with_the_longest_window():
    change = twin(DESIRED, OLDER, younger(last_use=UNUSED))
    assert (change.action, change.reason) == (Action.SCHEDULE_DELETION, Reason.DUPLICATE)
    assert change.steps == (ScheduleDeletion(ExistingKey("k-2"), 30),)


@pytest.mark.parametrize("use", [None, UsageUnknown("no record"), UsedAt(READ_AT)], ids=["unread", "unknown", "used"])
def test_a_twin_that_may_have_been_used_is_left_where_it_is(use):
    change = twin(DESIRED, OLDER, younger(last_use=use))
    assert (change.action, change.reason, change.steps) == (Action.ORPHAN, Reason.DUPLICATE, ())


def test_nothing_is_done_to_a_twin_that_awaits_deletion_but_to_an_alias_on_it_that_nobody_declares():
    observed = there(OLDER, pending("k-2", last_use=UNUSED), aliases={"extra": "k-2"})
    assert {address: kinds(change) for address, change in planned(DESIRED, observed).items()} == {
        "Key/db": [],
        "Alias/extra": [],
    }
    assert kinds(planned(DESIRED, observed, PRUNE)["Alias/extra"]) == ["DeleteAlias"]


def test_whether_a_twin_was_used_is_asked_for():
    observed = there(OLDER, younger())
    assert usage_questions(plan(DESIRED, observed), observed) == {"": frozenset({"k-2"})}


def test_a_twin_that_stays_follows_the_declared_policy_and_deletion_mark():
    desired = declares(wants(policy=POLICIES[0], deletion=Deletion("Schedule")))
    change = twin(desired, has(age=1, policy=POLICIES[0]), younger(policy=POLICIES[1]))
    assert (change.action, kinds(change)) == (Action.UPDATE, ["TagKey", "PutKeyPolicy"])


@pytest.mark.parametrize(("manifest", "tag"), [(True, False), (False, True)], ids=["by its manifest", "by its tag"])
def test_a_protected_twin_is_left_where_it_is(manifest, tag):
    desired = declares(wants(deletion=Deletion(protect=manifest)))
    change = twin(desired, OLDER, younger(last_use=UNUSED, deletion=Deletion(protect=tag)))
    assert change.action is not Action.SCHEDULE_DELETION


def test_a_twin_that_somebody_named_is_left_where_it_is_unless_its_names_are_pruned():
    key = younger(last_use=UNUSED)
    assert twin(DESIRED, OLDER, key, aliases={"x": "k-2"}).action is Action.ORPHAN
    assert twin(DESIRED, OLDER, key, aliases={"x": "k-2"}, options=PRUNE).action is Action.SCHEDULE_DELETION


def test_a_twin_whose_declared_alias_moves_to_the_older_key_goes_in_the_same_plan():
    desired = declares(wants(), wants_alias("db", DB))
    observed = there(OLDER, younger(last_use=UNUSED), aliases={"db": "k-2"})
    first = plan(desired, observed)
    assert sorted(kind for change in first.effective for kind in kinds(change)) == ["ScheduleDeletion", "UpdateAlias"]
    assert plan(desired, simulate(first, observed)).effective == ()


@pytest.mark.parametrize(
    ("called", "action"),
    [(None, Action.SCHEDULE_DELETION), ("somebody", Action.ORPHAN), ("kmsctl:other:reader:0", Action.ORPHAN)],
)
def test_a_twin_with_somebody_elses_grant_is_left_where_it_is(called, action):
    change = twin(DESIRED, OLDER, younger(last_use=UNUSED, grants=[has_grant(called=called)]))
    assert change.action is action


def test_the_grants_of_a_twin_are_left_where_they_are():
    observed = there(has(age=1, grants=[has_grant()]), younger(grants=[has_grant(grant_id="g-2")]))
    assert planned(declares(wants(), wants_grant()), observed)["Grant/reader"].steps == ()


def test_a_twin_that_awaits_deletion_is_done_with():
    assert list(planned(DESIRED, there(OLDER, pending("k-2")))) == ["Key/db"]
