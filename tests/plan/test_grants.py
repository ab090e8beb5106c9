"""Grants: made, replaced, moved, shown when nobody declares them; and what they do to their keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import Deletion, ExternalKey, Ignore, ManualRotation
from reconciler.model.identifiers import Days, KeyArn
from reconciler.model.keyspec import KeyState
from reconciler.model.ownership import GRANTS_TAG
from reconciler.plan.changes import Action, Reason
from reconciler.plan.steps import CreateGrant, RevokeGrant
from tests.plan.build import (
    DB,
    DESTROY,
    GRANT,
    IMPORTED,
    PRUNE,
    RSA,
    declares,
    differing,
    has,
    has_grant,
    kinds,
    names,
    pending,
    planned,
    there,
    wants,
    wants_grant,
)
from tests.support.pools import terms_of

APP = replace(DB, name="app")
WRITER = terms_of("writer")
ONE = {GRANTS_TAG: "1"}
YEARLY = ManualRotation(Days(365))


def grant(desired, observed, options=None):
    return planned(desired, observed, options)[str(GRANT)]


def on(change):
    """The keys of a change's new grants, and the ids of those that it revokes."""
    made = [step.key.key for step in change.steps if isinstance(step, CreateGrant)]
    return made, [step.grant_id for step in change.steps if isinstance(step, RevokeGrant)]


def test_a_missing_grant_is_made_under_a_name_that_pins_its_content():
    change = grant(declares(wants(), wants_grant()), there(has(tags=ONE, grants=[])))
    (step,) = change.steps
    assert isinstance(step, CreateGrant)
    assert step.name.startswith("kmsctl:default:reader:")
    assert (change.action, change.reason, change.depends_on) == (Action.CREATE, Reason.MISSING, (DB,))


def test_a_grant_as_declared_is_left_alone():
    change = grant(declares(wants(), wants_grant()), there(has(tags=ONE, grants=[has_grant()])))
    assert (change.action, change.resource_id, change.steps) == (Action.NO_OP, "g-1", ())


def test_a_changed_grant_is_made_anew_before_the_old_one_is_revoked():
    change = grant(declares(wants(), wants_grant(terms=WRITER)), there(has(tags=ONE, grants=[has_grant()])))
    assert kinds(change) == ["CreateGrant", "RevokeGrant"]
    assert list(differing(change)) == ["granteePrincipal"]
    assert names(change) == ["revokes-grant"]


def test_a_grant_whose_name_is_there_with_other_terms_goes_first_or_kms_would_answer_with_it():
    orphaned = replace(has_grant(), terms=replace(terms_of("reader"), grantee_principal="AROAEXAMPLE"))
    change = grant(declares(wants(), wants_grant()), there(has(tags=ONE, grants=[orphaned])))
    assert kinds(change) == ["RevokeGrant", "CreateGrant"]


def test_a_grant_that_was_made_twice_is_revoked_once():
    twice = [has_grant(), has_grant(grant_id="g-2")]
    assert on(grant(declares(wants(), wants_grant()), there(has(tags=ONE, grants=twice)))) == ([], ["g-2"])


def test_constraints_are_part_of_a_grant():
    narrow = terms_of("reader", encryption_context_equals={"tenant": "a"})
    change = grant(declares(wants(), wants_grant(terms=narrow)), there(has(tags=ONE, grants=[has_grant()])))
    assert differing(change) == {"constraints.encryptionContextEquals": (ABSENT, {"tenant": "a"})}


def test_a_grant_that_moves_to_another_key_is_made_there_and_revoked_here():
    desired = declares(wants(), wants("app"), wants_grant(key=APP))
    observed = there(has(tags=ONE, grants=[has_grant()]), has("k-2", "app", tags=ONE))
    change = grant(desired, observed)
    assert on(change) == (["k-2"], ["g-1"])
    assert differing(change) == {"key": ("k-1", "k-2")}


def test_a_grant_may_be_on_another_accounts_key_which_is_named_by_arn():
    arn = "arn:aws:kms:us-east-1:444455556666:key/k-9"
    observed = there(has("k-9", None, arn=KeyArn(arn)))
    assert on(grant(declares(wants_grant(key=arn)), observed)) == ([arn], [])


def test_a_grant_on_a_strangers_key_is_found_again_by_its_name():
    observed = there(has("k-9", None, grants=[has_grant()]))
    assert grant(declares(wants_grant(key="k-9")), observed).action is Action.NO_OP


@pytest.mark.parametrize("key", [has("k-9", None, state=KeyState.DISABLED), pending("k-9", None)], ids=["off", "dying"])
def test_a_grant_on_a_strangers_key_that_is_not_enabled_blocks_the_plan(key):
    change = grant(declares(wants_grant(key="k-9")), there(key))
    assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)


def test_a_grant_on_a_key_that_is_not_there_blocks_the_plan():
    assert grant(declares(wants_grant(key="k-9")), there()).action is Action.BLOCKED


@pytest.mark.parametrize(
    "observed", [there(), there(has(state=KeyState.PENDING_IMPORT, **IMPORTED))], ids=["new", "awaits its material"]
)
def test_a_grant_waits_for_the_material_of_its_key(observed):
    change = grant(declares(wants(**IMPORTED), wants_grant()), observed)
    assert (change.action, change.reason, change.steps) == (Action.NO_OP, Reason.UNRESOLVED, ())


def test_a_grant_of_a_successor_is_made_anew_and_the_one_on_the_old_key_stays():
    desired = declares(wants(rotation=YEARLY), wants_grant())
    change = grant(desired, there(has(age=400, tags=ONE, grants=[has_grant()])))
    assert kinds(change) == ["CreateGrant"]
    assert differing(change) == {"key": ("k-1", "Key/db (known after apply)")}


def test_a_declared_grant_is_on_earlier_keys_too_so_that_old_data_can_be_read_by_the_same():
    desired = declares(wants(), wants_grant(terms=WRITER))
    old = has("k-0", generation=1, tags=ONE, grants=[has_grant()])
    change = grant(desired, there(old, has(generation=2)))
    assert on(change) == (["k-1", "k-0"], ["g-1"])
    assert "k-0" in change.detail


@pytest.mark.parametrize(
    "old",
    [
        pytest.param(has("k-0", grants=[has_grant()], state=KeyState.DISABLED), id="disabled"),
        pytest.param(pending("k-0", grants=[has_grant()]), id="awaiting deletion"),
        pytest.param(has("k-0", grants=[has_grant()], **RSA), id="of another type"),
    ],
)
def test_grants_on_earlier_keys_that_cannot_be_granted_are_left_as_they_are(old):
    desired = declares(wants(replacement="NewKey"), wants_grant(terms=WRITER))
    assert on(grant(desired, there(old, has(generation=2)))) == (["k-1"], [])


def test_an_earlier_key_that_is_enabled_again_is_granted_and_one_that_is_disabled_is_not():
    keep = wants(rotation=ManualRotation(Days(365), keep=1))
    back = has("k-0", generation=2, state=KeyState.DISABLED)
    off = has("k-00", generation=1)
    assert on(grant(declares(keep, wants_grant()), there(off, back, has(generation=3)))) == (["k-1", "k-0"], [])


def test_an_undeclared_grant_of_this_stack_is_shown():
    change = grant(declares(wants()), there(has(tags=ONE, grants=[has_grant()])))
    assert (change.action, change.reason, change.steps) == (Action.ORPHAN, Reason.NOT_DECLARED, ())


def test_an_undeclared_grant_is_revoked_when_pruning_is_asked_for():
    change = grant(declares(wants()), there(has(tags=ONE, grants=[has_grant()])), PRUNE)
    assert (change.action, on(change), change.depends_on) == (Action.DELETE, ([], ["g-1"]), (DB,))


def test_an_undeclared_grant_on_a_strangers_key_is_revoked_when_pruning_is_asked_for():
    change = grant(declares(), there(has("k-9", None, grants=[has_grant()])), PRUNE)
    assert (change.action, change.depends_on) == (Action.DELETE, ())


def test_a_grant_stays_with_each_of_two_keys_of_a_name_that_await_their_deletion():
    going = {"state": KeyState.PENDING_DELETION}
    twins = (has("k-0", age=2, **going), has("k-1", grants=[has_grant()], **going))
    left = grant(declares(), there(*twins), PRUNE)
    assert (left.action, left.steps) == (Action.ORPHAN, ())


@pytest.mark.parametrize("deletion", [Deletion(), Deletion("Schedule")], ids=["retained", "scheduled"])
def test_a_grant_stays_with_a_key_that_nobody_declares_either(deletion):
    change = grant(declares(), there(has(deletion=deletion, tags=ONE, grants=[has_grant()])), DESTROY)
    assert (change.action, change.steps) == (Action.ORPHAN, ())


def test_grants_of_others_are_not_touched():
    theirs = [has_grant(called="rds"), has_grant(called="kmsctl:other:reader:0000"), has_grant(called="")]
    assert list(planned(declares(wants()), there(has(grants=theirs)), PRUNE)) == ["Key/db"]


def test_grants_of_a_key_with_two_names_in_one_digest_are_told_apart():
    observed = there(has(tags={GRANTS_TAG: "2"}, grants=[has_grant(), has_grant("writer", grant_id="g-2")]))
    changes = planned(declares(wants(), wants_grant(), wants_grant("writer")), observed)
    assert {change.action for change in changes.values()} == {Action.NO_OP}


def test_ignoring_enabled_leaves_earlier_keys_ungranted_when_they_are_disabled():
    rotation = ManualRotation(Days(365), keep=1)
    keep = wants(rotation=rotation, ignore=Ignore(fields=frozenset({"enabled"})))
    old = has("k-0", state=KeyState.DISABLED)
    assert on(grant(declares(keep, wants_grant()), there(old, has(generation=2)))) == (["k-1"], [])


def test_a_grant_that_names_a_key_of_the_stack_by_its_id_counts_among_the_keys_grants():
    by_id = replace(wants_grant(), key=ExternalKey(has().key_id))
    changes = planned(declares(wants(), by_id), there(has(grants=[])))
    assert differing(changes[str(DB)])[f"tags[{GRANTS_TAG}]"] == (ABSENT, "1")
