"""Events: what was done, and what is newly wrong."""

from __future__ import annotations

import pytest

from reconciler.controller.health.conditions import conditions_of
from reconciler.controller.health.events import Deed, Event, worth_telling
from reconciler.controller.health.failures import FailureKind
from reconciler.controller.health.reasons import EventReason, Reason
from reconciler.controller.health.states import Drifted, Failing, InSync, Invalid, Stuck
from tests.controller.health.samples import BEFORE, DIAGNOSTIC, NOW, ROWS, failure

WRONG = {
    "test failed": "AccessTestFailed",
    "drifted": "DriftDetected",
    "failing": "Failed",
    "stuck": "Failed",
    "invalid": "Invalid",
    "blocked": "Blocked",
    "refused": "Refused",
    "forbidden": "Forbidden",
    "deletion refused": "DeletionRefused",
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_newly_wrong_is_told_once(name):
    state = ROWS[name].state
    told = worth_telling(BEFORE["ready"], state)
    assert [(event.type, event.reason) for event in told] == ([("Warning", WRONG[name])] if name in WRONG else [])
    assert worth_telling(conditions_of(state, BEFORE["ready"], 3, NOW), state) == []


@pytest.mark.parametrize("name", sorted(WRONG))
def test_an_object_that_is_wrong_from_the_beginning_is_told(name):
    assert [event.reason for event in worth_telling([], ROWS[name].state)] == [WRONG[name]]


def test_being_throttled_is_no_event():
    assert worth_telling([], Failing(failure(FailureKind.THROTTLED, Reason.THROTTLED))) == []


def test_other_words_for_the_same_failure_are_no_news_and_another_reason_is():
    denied, quota = (
        Stuck(failure(FailureKind.DENIED, reason)) for reason in (Reason.ACCESS_DENIED, Reason.QUOTA_EXCEEDED)
    )
    before = conditions_of(denied, [], 3, NOW)
    before[1]["message"] = "worded otherwise"
    assert worth_telling(before, denied) == []
    assert [event.reason for event in worth_telling(before, quota)] == [EventReason.FAILED]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Drifted(("enabled",)), Drifted(("enabled", "tags.team"))),
        (Invalid((DIAGNOSTIC,)), Invalid((DIAGNOSTIC, DIAGNOSTIC))),
    ],
    ids=["more drift", "more errors"],
)
def test_what_is_wrong_in_another_way_is_told_again(first, second):
    assert len(worth_telling(conditions_of(first, [], 3, NOW), second)) == 1


def test_what_was_done_is_told_in_its_order_before_what_is_wrong():
    done = [Deed(EventReason.CREATED, "created Key 1234"), Deed(EventReason.DRIFT_CORRECTED, "corrected Key 1234")]
    assert worth_telling([], Drifted(("enabled",)), done) == [
        Event("Normal", EventReason.CREATED, "created Key 1234"),
        Event("Warning", EventReason.DRIFT_CORRECTED, "corrected Key 1234"),
        Event("Warning", EventReason.DRIFT_DETECTED, "the KMS differs from what is declared in enabled"),
    ]


@pytest.mark.parametrize("reason", EventReason)
def test_only_deeds_that_somebody_must_know_of_are_warnings(reason):
    event = worth_telling([], InSync(), [Deed(reason, "x")])[0]
    assert (event.type == "Warning") == (reason in {"DriftCorrected", "DeletionScheduled"})
