"""What the carrying out of a change is told as."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.controller.health.deeds import deed_of
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import AliasName, KeyId
from reconciler.model.ownership import GRANTS_TAG
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.steps import DeleteAlias, ExistingKey, RotateOnDemand

KEY = Address(Kind.KEY, "payments")
ALIAS = Address(Kind.ALIAS, "orders")
STEP = DeleteAlias(AliasName("alias/x"))
ROTATE = RotateOnDemand(ExistingKey(KeyId("1234")), 2)
FIELDS = (FieldChange("enabled", False, True), FieldChange("policy", "a", "b", cosmetic=True))
NOTED = (FieldChange(f"tags[{GRANTS_TAG}]", "1", "2"), FIELDS[1])


@pytest.mark.parametrize(
    ("change", "correcting", "told"),
    [
        (Change(KEY, Action.CREATE, Reason.MISSING), False, "Created: created Key 1234"),
        (Change(KEY, Action.ADOPT, Reason.ADOPTION_ASKED, FIELDS), False, "Adopted: adopted Key 1234: enabled"),
        (Change(KEY, Action.UPDATE, Reason.DIFFERS, FIELDS), False, "Updated: updated Key 1234: enabled"),
        (Change(KEY, Action.UPDATE, Reason.DIFFERS, FIELDS), True, "DriftCorrected: corrected Key 1234: enabled"),
        (Change(KEY, Action.CREATE, Reason.MISSING), True, "Created: created Key 1234"),
        (Change(ALIAS, Action.CREATE, Reason.MISSING), False, "Created: created Alias 1234"),
        (Change(ALIAS, Action.CREATE, Reason.MISSING), True, "DriftCorrected: corrected Alias 1234"),
        (Change(KEY, Action.REPLACE, Reason.IMMUTABLE_FIELD), False, "Replaced: made the successor Key 1234"),
        (Change(KEY, Action.UPDATE, Reason.ROTATION_DUE), True, "Rotated: rotated Key 1234"),
        (Change(KEY, Action.UPDATE, Reason.DIFFERS, steps=(ROTATE,)), True, "Rotated: rotated Key 1234"),
        (
            Change(KEY, Action.CANCEL_DELETION, Reason.PENDING_DELETION),
            True,
            "DeletionCancelled: cancelled the deletion of Key 1234",
        ),
        (
            Change(KEY, Action.SCHEDULE_DELETION, Reason.DESTROY_ASKED),
            False,
            "DeletionScheduled: scheduled the deletion of Key 1234",
        ),
        (Change(KEY, Action.DISABLE, Reason.SUPERSEDED), False, "Updated: updated Key 1234"),
        (Change(KEY, Action.DISOWN, Reason.DESTROY_ASKED), False, "Retained: left in place Key 1234"),
        (Change(KEY, Action.DELETE, Reason.DESTROY_ASKED), False, "Deleted: deleted Key 1234"),
    ],
    ids=lambda value: f"{value.action} {value.reason}" if isinstance(value, Change) else "",
)
def test_each_change_is_told_in_these_words(change, correcting, told):
    deed = deed_of(replace(change, steps=change.steps or (STEP,)), resource_id="1234", correcting=correcting)
    assert f"{deed.reason}: {deed.detail}" == told


@pytest.mark.parametrize("correcting", [False, True])
def test_what_kmsctl_notes_down_for_itself_is_not_told(correcting):
    noted = Change(KEY, Action.UPDATE, Reason.DIFFERS, NOTED, (STEP,))
    assert deed_of(noted, resource_id="1234", correcting=correcting) is None


@pytest.mark.parametrize(
    "change",
    [
        Change(KEY, Action.NO_OP, Reason.IN_SYNC),
        Change(KEY, Action.BLOCKED, Reason.IMMUTABLE_FIELD),
        Change(KEY, Action.UPDATE, Reason.DIFFERS, FIELDS),
        Change(KEY, Action.ORPHAN, Reason.NOT_DECLARED, steps=(STEP,)),
    ],
    ids=["no-op", "blocked", "nothing done", "orphan"],
)
def test_where_nothing_was_done_nothing_is_told(change):
    assert deed_of(change, resource_id=None, correcting=False) is None


def test_without_an_id_the_one_of_before_or_the_name_stands_for_it():
    gone = Change(Address(Kind.ALIAS, "x"), Action.DELETE, Reason.DESTROY_ASKED, steps=(STEP,), resource_id="alias/x")
    assert deed_of(gone, resource_id=None, correcting=False).detail == "deleted Alias alias/x"
    new = Change(Address(Kind.GRANT, "g"), Action.CREATE, Reason.MISSING, steps=(STEP,))
    assert deed_of(new, resource_id=None, correcting=False).detail == "created Grant g"
