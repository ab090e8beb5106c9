"""Keys of the stack that no manifest declares any more."""

from __future__ import annotations

import pytest

from reconciler.model.desired import Deletion, DesiredState
from reconciler.model.identifiers import Days
from reconciler.model.observed import ObservedState
from reconciler.model.ownership import DELETION_TAG, TAG_PREFIX
from reconciler.plan.changes import Action, Reason
from reconciler.plan.planner import plan
from reconciler.plan.steps import ExistingKey, ScheduleDeletion, UntagKey
from tests.plan.build import DESTROY, PRUNE, declares, has, only, pending, planned, there, wants, wants_alias
from tests.support.pools import TARGETS

NOTHING = DesiredState("default")
SCHEDULE = Deletion("Schedule", Days(7))
PROTECTED = Deletion("Schedule", protect=True)


@pytest.mark.parametrize(
    ("deletion", "wish"), [(Deletion(), "keep the key"), (SCHEDULE, "schedule its deletion in 7 days")]
)
def test_an_orphan_is_shown_and_left_alone_and_the_reader_is_told_what_pruning_would_do(deletion, wish):
    change = only(NOTHING, there(has(deletion=deletion)))
    assert (change.action, change.reason, change.steps) == (Action.ORPHAN, Reason.NOT_DECLARED, ())
    assert wish in change.detail


@pytest.mark.parametrize(("options", "reason"), [(PRUNE, Reason.PRUNE_ASKED), (DESTROY, Reason.DESTROY_ASKED)])
def test_a_retained_orphan_is_disowned_and_stays(options, reason):
    change = only(NOTHING, there(has(tags={"team": "a"})), options)
    (step,) = change.steps
    assert (change.action, change.reason) == (Action.DISOWN, reason)
    assert isinstance(step, UntagKey)
    assert all(tag.startswith(TAG_PREFIX) for tag in step.tag_keys)


@pytest.mark.parametrize(("options", "reason"), [(PRUNE, Reason.PRUNE_ASKED), (DESTROY, Reason.DESTROY_ASKED)])
def test_an_orphan_marked_for_it_is_scheduled_for_deletion_with_its_own_window(options, reason):
    change = only(NOTHING, there(has(deletion=SCHEDULE)), options)
    assert (change.action, change.reason) == (Action.SCHEDULE_DELETION, reason)
    assert change.steps == (ScheduleDeletion(ExistingKey("k-1"), Days(7)),)


def test_a_mark_that_cannot_be_read_retains_the_key():
    assert only(NOTHING, there(has(tags={DELETION_TAG: "Schedule/1"})), PRUNE).action is Action.DISOWN


@pytest.mark.parametrize(("options", "action"), [(PRUNE, Action.ORPHAN), (DESTROY, Action.BLOCKED)])
def test_a_protected_orphan_is_left_alone_and_blocks_destroying(options, action):
    change = only(NOTHING, there(has(deletion=PROTECTED)), options)
    assert (change.action, change.reason, change.steps) == (action, Reason.PROTECTED, ())


@pytest.mark.parametrize("options", [None, PRUNE, DESTROY])
def test_an_orphan_that_awaits_deletion_is_shown_with_its_date_and_done_with(options):
    change = only(NOTHING, there(pending(deletion=SCHEDULE)), options)
    assert (change.action, change.reason, change.steps) == (Action.NO_OP, Reason.PENDING_DELETION, ())
    assert "2026-11-29" in change.detail


def test_an_orphan_whose_date_is_not_known_awaits_deletion_all_the_same():
    assert only(NOTHING, there(pending(deletion_date=None))).detail == "it will be deleted"


@pytest.mark.parametrize("key", ["k-1", "alias/db"])
def test_an_orphan_that_a_manifest_still_names_is_not_pruned(key):
    changes = planned(declares(wants_alias("other", key)), there(has(), aliases={"db": "k-1"}), PRUNE)
    assert (changes["Key/db"].action, changes["Key/db"].steps) == (Action.ORPHAN, ())
    assert "Alias/other is on it" in changes["Key/db"].detail


def test_a_reference_to_a_key_that_is_not_there_keeps_no_orphan():
    changes = planned(declares(wants_alias("lost", "k-8")), there(has()), PRUNE)
    assert changes[str(wants().address)].action is Action.DISOWN


def test_every_generation_of_a_name_is_an_orphan():
    changes = planned(NOTHING, there(has(), has("k-2", generation=2), has("k-3", generation=2)), PRUNE)
    assert list(changes) == ["Key/db k-1", "Key/db k-2", "Key/db k-3"]


def test_a_key_that_moved_to_another_target_is_an_orphan_where_it_was():
    there_and_elsewhere = there(has())
    observed = ObservedState({**there_and_elsewhere.targets, TARGETS[1]: there(has()).targets[""]})
    changes = {str(c.address): c.action for c in plan(declares(wants()), observed).changes}
    assert changes == {"Key/db": Action.NO_OP, "Key/db@eu": Action.ORPHAN}


def test_keys_of_other_stacks_and_of_nobody_are_not_touched():
    other = {**has().tags, TAG_PREFIX + "stack": "other"}
    assert plan(NOTHING, there(has(name=None), has("k-2", None, tags=other)), DESTROY).changes == ()
