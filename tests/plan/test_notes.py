"""What kmsctl notes down for itself is no change that anybody made."""

from __future__ import annotations

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address, Kind
from reconciler.model.ownership import DELETION_TAG
from reconciler.plan.changes import Action, Change, FieldChange, Reason

NOTE = FieldChange(f"tags[{DELETION_TAG}]", ABSENT, "Retain")
OTHER = FieldChange("description", "a", "b")
SAME = FieldChange("policy", "{}", "{ }", cosmetic=True)


@pytest.mark.parametrize(
    ("fields", "notes"), [((NOTE,), True), ((NOTE, SAME), True), ((NOTE, OTHER), False), ((SAME,), False), ((), False)]
)
def test_a_change_of_our_own_tags_alone_is_a_note(fields, notes):
    change = Change(Address(Kind.KEY, "orders"), Action.UPDATE, Reason.DIFFERS, fields=fields)
    assert change.notes is notes
