"""From errors and plans to states, and from states to when an object is looked at again."""

from __future__ import annotations

import pytest

from reconciler.controller.health.failures import FailureKind
from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.states import (
    Blocked,
    Failing,
    Invalid,
    Stuck,
    Unusable,
    retry_of,
    state_of_blocked,
    state_of_error,
)
from reconciler.kit.errors import InvalidInput, KmsctlError, KmsError
from reconciler.kms.translate import Unreachable
from reconciler.model.address import Address, Kind
from reconciler.plan.changes import Action, Change
from reconciler.plan.changes import Reason as PlanReason
from tests.controller.health.samples import DIAGNOSTIC, ROWS

LOOKED_AT_AGAIN = {
    "working": FailureKind.TRANSIENT,
    "deleting": FailureKind.TRANSIENT,
    "waiting": FailureKind.WAIT,
    "failing": FailureKind.TRANSIENT,
    "stuck": FailureKind.DENIED,
    "invalid": FailureKind.INVALID,
    "forbidden": FailureKind.INVALID,
    "blocked": FailureKind.STUCK,
    "refused": FailureKind.STUCK,
    "test failed": FailureKind.STUCK,
    "deletion refused": FailureKind.STUCK,
}


@pytest.mark.parametrize("name", ROWS)
def test_an_object_is_looked_at_again_as_its_state_asks(name):
    assert retry_of(ROWS[name].state) is LOOKED_AT_AGAIN.get(name)


@pytest.mark.parametrize("reason", [Reason.CREATING, Reason.UPDATING, Reason.CONNECTING])
def test_what_kms_is_about_to_finish_is_looked_at_soon(reason):
    assert retry_of(Unusable(reason)) is FailureKind.WAIT


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (KmsError("ThrottlingException", "slow down"), Failing),
        (Unreachable("cannot reach kms"), Failing),
        (RuntimeError("anything"), Failing),
        (KmsError("AccessDeniedException", "no"), Stuck),
        (KmsctlError("the secret is not there"), Stuck),
        (InvalidInput([DIAGNOSTIC]), Invalid),
        (InvalidInput([]), Stuck),
    ],
    ids=["throttled", "unreachable", "unknown", "denied", "for a person", "invalid", "invalid without a word"],
)
def test_an_error_is_a_state(error, state):
    assert isinstance(state_of_error(error), state)


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (PlanReason.IMMUTABLE_FIELD, Reason.IMMUTABLE_FIELD),
        (PlanReason.ADOPTION_FAILED, Reason.ADOPTION_FAILED),
        (PlanReason.PROTECTED, Reason.PROTECTED),
        (PlanReason.UNRESOLVED, Reason.UNRESOLVED),
    ],
    ids=str,
)
def test_a_blocked_change_keeps_its_reason(reason, state):
    change = Change(Address(Kind.KEY, "k"), Action.BLOCKED, reason, detail="why")
    assert state_of_blocked(change) == Blocked(state, "why")


def test_a_blocked_change_without_a_word_is_told_by_its_reason():
    change = Change(Address(Kind.KEY, "k"), Action.BLOCKED, PlanReason.PROTECTED)
    assert state_of_blocked(change).detail == "protected"
