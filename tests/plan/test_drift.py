"""Drift as the planner's own plans tell it, and as plans with every action would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Kind
from reconciler.model.desired import AdoptKeyId, DesiredAlias, DesiredGrant, DesiredKey, DesiredState, ManagedKey
from reconciler.model.identifiers import RUN_TARGET, AliasName, GrantId, KeyId
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedGrant, ObservedState
from reconciler.model.ownership import DELETION_TAG, deletion_mark
from reconciler.plan.changes import Action, Change, FieldChange, Plan, Reason
from reconciler.plan.decide.aliases import shown
from reconciler.plan.drift import DriftKind, FieldDrift, UnmanagedKey, drift_of
from reconciler.plan.planner import plan
from reconciler.plan.steps import PlannedKey
from tests.report import samples, states
from tests.report.basics import ACCOUNT, LEDGER, NOW, ORDERS, STACK, TERMS, address, at, key_id

ORDERS_KEY = DesiredKey(ORDERS, at(4), description="Orders")
DECLARED = DesiredState(STACK, (ORDERS_KEY,))
EMPTY = DesiredState(STACK)
SOON = datetime(2026, 3, 30, tzinfo=UTC)


def drift(desired: DesiredState, observed: ObservedState):
    """The drift that the planner's plan tells of."""
    return drift_of(plan(desired, observed), observed, desired)


def told(change: Change, observed: ObservedState | None = None):
    """What one change of a plan tells of drift: its entry, or None."""
    made = Plan(STACK, {RUN_TARGET: ACCOUNT}, "d", (change,))
    entries = drift_of(made, observed or states.state(), EMPTY).entries
    assert len(entries) <= 1
    return entries[0] if entries else None


def in_order(number: int = 1, **more: object):
    """The key that `ORDERS_KEY` declares, as it should be."""
    key = states.owned(number, "orders", description="Orders")
    tags = {**key.tags, DELETION_TAG: deletion_mark(ORDERS_KEY.deletion)}
    return replace(key, tags=tags, **more)


def with_grant(**terms: object) -> ObservedState:
    """The key in order, with a grant that is not ours."""
    grant = ObservedGrant(GrantId("77aa"), KeyId(key_id(1)), "", replace(TERMS, **terms))
    return states.state(in_order(grants=(grant,)))


def test_without_difference_there_is_no_drift():
    found = drift(DECLARED, states.state(in_order()))
    assert (found.entries, found.found, len(found.in_sync)) == ((), False, 1)
    assert found.read_at == NOW
    assert found.accounts == {RUN_TARGET: ACCOUNT}


def test_a_field_that_differs_is_shown_as_declared_and_as_it_is():
    found = drift(DECLARED, states.state(in_order(description="Changed by hand")))
    (entry,) = found.entries
    assert found.found
    assert (entry.kind, entry.address, entry.resource_id) == (DriftKind.CHANGED, ORDERS, key_id(1))
    assert entry.position == at(4)
    assert entry.fields == (FieldDrift("description", "Orders", "Changed by hand"),)


def test_a_declared_key_that_is_not_there_is_missing():
    (entry,) = drift(DECLARED, states.state()).entries
    assert (entry.kind, entry.resource_id) == (DriftKind.MISSING, None)


def test_a_key_to_adopt_is_missing_until_it_is_adopted():
    adopting = DesiredState(STACK, (replace(ORDERS_KEY, adopt=AdoptKeyId(key_id(1))),))
    found = drift(adopting, states.state(states.key(1)))
    (entry,) = found.entries
    assert (entry.kind, entry.detail) == (DriftKind.MISSING, "it is there and not adopted yet")
    assert found.unmanaged == ()


def test_a_key_that_no_manifest_declares_is_orphaned():
    (entry,) = drift(EMPTY, states.state(states.owned(1, "orders"))).entries
    assert (entry.kind, entry.expected, entry.position) == (DriftKind.ORPHANED, False, None)
    assert "--prune" in entry.detail


def test_an_alias_that_nobody_declares_is_drift_of_its_key():
    (entry,) = drift(DECLARED, states.state(in_order(), aliases={"alias/orders": 1})).entries
    assert (entry.kind, entry.resource_id) == (DriftKind.UNDECLARED, "alias/orders")
    assert entry.fields == (FieldDrift("key", ABSENT, key_id(1)),)


def test_an_alias_that_points_elsewhere_has_changed():
    alias = DesiredAlias(address(Kind.ALIAS, "orders"), at(12), AliasName("alias/orders"), ManagedKey(ORDERS))
    desired = replace(DECLARED, aliases=(alias,))
    (entry,) = drift(desired, states.state(in_order(), states.key(9), aliases={"alias/orders": 9})).entries
    assert (entry.kind, entry.fields) == (DriftKind.CHANGED, (FieldDrift("key", key_id(1), key_id(9)),))


def test_a_declared_grant_that_was_revoked_is_missing():
    grant = DesiredGrant(address(Kind.GRANT, "app"), at(90), ManagedKey(ORDERS), TERMS)
    entries = drift(replace(DECLARED, grants=(grant,)), states.state(in_order(grants=()))).entries
    assert [entry.kind for entry in entries if entry.address.kind is Kind.GRANT] == [DriftKind.MISSING]


def test_a_grant_that_kmsctl_did_not_make_is_drift_of_its_key():
    found = drift(DECLARED, with_grant())
    (entry,) = found.entries
    assert found.found
    assert (entry.kind, entry.address) == (DriftKind.UNDECLARED, address(Kind.GRANT, "77aa"))
    assert entry.detail == "a grant on Key/orders; kmsctl did not make it"
    assert FieldDrift("operations", ABSENT, ["Decrypt", "GenerateDataKey"]) in entry.fields


@pytest.mark.parametrize(
    "terms",
    [
        {"grantee_principal": "rds.us-east-1.amazonaws.com"},
        {"grantee_principal": None, "grantee_service": "ec2.amazonaws.com"},
    ],
    ids=["as a principal", "as a service"],
)
def test_a_grant_that_an_aws_service_made_for_itself_is_shown_and_expected(terms):
    found = drift(DECLARED, with_grant(**terms))
    assert [entry.expected for entry in found.entries] == [True]
    assert not found.found


def test_a_grant_of_another_stack_on_our_key_is_drift():
    grant = ObservedGrant(GrantId("77aa"), KeyId(key_id(1)), "kmsctl:other:app:0123456789abcdef", TERMS)
    (entry,) = drift(DECLARED, states.state(in_order(grants=(grant,)))).entries
    assert entry.kind is DriftKind.UNDECLARED


def test_a_declared_key_that_is_to_be_deleted_is_shown_with_the_date():
    leaving = in_order(state=KeyState.PENDING_DELETION, deletion_date=SOON)
    found = drift(DECLARED, states.state(leaving))
    (entry,) = found.entries
    assert (entry.kind, entry.detail) == (DriftKind.PENDING_DELETION, "it will be deleted on 2026-03-30")
    assert found.found


def test_without_a_date_the_deletion_is_only_said_to_be_scheduled():
    leaving = in_order(state=KeyState.PENDING_REPLICA_DELETION)
    (entry,) = drift(DECLARED, states.state(leaving)).entries
    assert entry.detail == "its deletion is scheduled"


def test_an_undeclared_key_on_its_way_out_needs_nobody():
    leaving = states.owned(1, "orders", state=KeyState.PENDING_DELETION, deletion_date=SOON)
    found = drift(EMPTY, states.state(leaving))
    (entry,) = found.entries
    assert (entry.kind, entry.expected) == (DriftKind.PENDING_DELETION, True)
    assert not found.found


def test_keys_of_nobody_and_of_other_stacks_are_beside_the_drift():
    found = drift(
        EMPTY,
        states.state(states.key(2, description="hand"), states.owned(1, "x", "other"), states.key(3, aws_managed=True)),
    )
    assert found.unmanaged == (
        UnmanagedKey(RUN_TARGET, KeyId(key_id(1)), "", KeyState.ENABLED, "other"),
        UnmanagedKey(RUN_TARGET, KeyId(key_id(2)), "hand", KeyState.ENABLED, None),
    )
    assert not found.found


def test_without_a_target_nothing_was_read():
    assert drift(EMPTY, ObservedState({})).read_at is None


def test_cosmetic_differences_are_no_drift():
    change = replace(samples.updated(), fields=(FieldChange("policy", "{}", "{ }", cosmetic=True),))
    assert told(change).fields == ()


def test_how_a_plan_explains_a_successor_is_no_field_that_drifted():
    replaced = told(samples.replaced())
    assert replaced.fields == (FieldDrift("keySpec", "RSA_4096", "RSA_2048"),)
    assert replaced.detail == "KMS cannot change this: a successor is wanted"


def test_a_rotation_that_is_due_is_drift():
    due = Change(LEDGER, Action.REPLACE, Reason.ROTATION_DUE, fields=(FieldChange("ageDays", 92, ABSENT),))
    assert (told(due).kind, told(due).fields, told(due).detail) == (DriftKind.CHANGED, (), "its manual rotation is due")


@pytest.mark.parametrize(
    ("kind", "action", "reason", "drifted"),
    [
        (Kind.KEY, Action.DISABLE, Reason.SUPERSEDED, DriftKind.CHANGED),
        (Kind.KEY, Action.SCHEDULE_DELETION, Reason.DUPLICATE, DriftKind.ORPHANED),
        (Kind.KEY, Action.DISOWN, Reason.PRUNE_ASKED, DriftKind.ORPHANED),
        (Kind.GRANT, Action.DELETE, Reason.PRUNE_ASKED, DriftKind.UNDECLARED),
        (Kind.KEY, Action.BLOCKED, Reason.IMMUTABLE_FIELD, DriftKind.CHANGED),
        (Kind.KEY, Action.BLOCKED, Reason.PROTECTED, DriftKind.ORPHANED),
        (Kind.KEY, Action.BLOCKED, Reason.ADOPTION_FAILED, DriftKind.MISSING),
        (Kind.GRANT, Action.BLOCKED, Reason.UNRESOLVED, DriftKind.MISSING),
        (Kind.KEY, Action.NO_OP, Reason.IN_SYNC, None),
    ],
    ids=lambda value: str(value),
)
def test_every_action_tells_of_one_kind_of_drift(kind, action, reason, drifted):
    entry = told(Change(address(kind, "x"), action, reason))
    assert (entry.kind if entry else None) is drifted


def test_entries_are_sorted_whatever_order_they_were_found_in():
    observed = states.busy()
    found = drift_of(plan(EMPTY, observed), observed, EMPTY)
    turned = ObservedState(dict(reversed(observed.targets.items())))
    assert drift_of(plan(EMPTY, turned), turned, EMPTY) == found
    assert [str(entry.address) for entry in found.entries] == sorted(str(entry.address) for entry in found.entries)


def test_of_a_key_that_is_not_there_the_name_is_desired_and_no_apply_is_spoken_of():
    field = FieldChange("key", "k-1", shown(PlannedKey(LEDGER, 2)))
    entry = told(Change(address(Kind.ALIAS, "db"), Action.UPDATE, Reason.DIFFERS, fields=(field,)))
    assert entry.fields == (FieldDrift("key", str(LEDGER), "k-1"),)
