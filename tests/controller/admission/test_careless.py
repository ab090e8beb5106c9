"""What lint makes of an object before it is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.controller.admission.careless import MAX_TOLD
from reconciler.controller.settings import WebhookLint
from tests.controller.admission.reviews import KNOWN, an_object, answer
from tests.report.hostile import HOSTILE

DENYING = replace(KNOWN, lint=WebhookLint.DENY)
WARNING = replace(KNOWN, lint=WebhookLint.WARN)
ROOT = {"Effect": "Allow", "Principal": {"AWS": "${aws:accountId}"}, "Action": "kms:*", "Resource": "*"}
EVERYBODY = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
ROTATED = {"automatic": {}}


def policy(*statements):
    return {"document": {"Version": "2012-10-17", "Statement": [ROOT, *statements]}}


def key(*statements, annotations=None, **spec):
    more = {"annotations": annotations} if annotations else {}
    return an_object(spec={"rotation": ROTATED, "policy": policy(*statements), **spec}, **more)


def warnings(answered):
    return answered.get("warnings", [])


def test_a_good_key_is_allowed_without_a_word():
    assert answer(key(), known=DENYING) == {"uid": "705ab4f5", "allowed": True}


def test_an_error_is_denied_with_the_field_the_check_and_the_remedy():
    answered = answer(key(EVERYBODY), known=DENYING)
    status = answered["status"]
    assert answered["allowed"] is False
    assert (status["code"], status["reason"]) == (422, "Invalid")
    (cause,) = status["details"]["causes"]
    assert cause["field"] == "spec.policy.document.Statement[1]"
    assert cause["message"].startswith("KC201: the statement Open lets in everybody")
    assert "name the principals" in cause["message"]


def test_a_shared_policy_is_looked_at_by_itself():
    answered = answer(an_object("KeyPolicy", policy(EVERYBODY)), known=DENYING)
    assert [cause["field"] for cause in answered["status"]["details"]["causes"]] == ["spec.document.Statement[1]"]


def test_of_a_key_whose_policy_is_elsewhere_nothing_is_said_of_that():
    shared = an_object(spec={"rotation": ROTATED, "policyRef": {"name": "house"}})
    assert all("KC" not in warning for warning in warnings(answer(shared, known=DENYING)))


def test_a_warning_is_told_and_denies_nothing():
    answered = answer(an_object(spec={"policy": policy()}), known=DENYING)
    assert answered["allowed"]
    assert ["KC401" in warning for warning in warnings(answered)] == [True]
    assert all(len(warning) <= 256 for warning in warnings(answered))


def test_of_many_warnings_a_few_are_told_and_how_many_more_there_are():
    many = [
        {
            "Sid": f"S{n}",
            "Effect": "Allow",
            "Principal": {"AWS": "${aws:accountId}"},
            "Action": f"kms:Nonsense{n}",
            **ALL,
        }
        for n in range(9)
    ]
    told = warnings(answer(key(*many), known=DENYING))
    assert len(told) == MAX_TOLD + 1
    assert told[-1].endswith("more; `kmsctl lint` shows them")


ALL = {"Resource": "*"}


def test_a_reason_sets_an_error_aside():
    reason = {"kms.reconciler.dev/lint-ignore": "KC201: published figures"}
    assert answer(key(EVERYBODY, annotations=reason), known=DENYING) == {"uid": "705ab4f5", "allowed": True}


def test_an_error_that_is_stored_already_keeps_nobody_from_another_change():
    answered = answer(key(EVERYBODY, aliases=["new"]), key(EVERYBODY), known=DENYING)
    assert answered["allowed"]
    assert ["KC201" in warning for warning in warnings(answered)] == [True]


def test_an_error_that_is_new_is_denied_beside_an_old_one():
    wide = {**EVERYBODY, "Sid": "Wide"}
    answered = answer(key(EVERYBODY, wide), key(EVERYBODY), known=DENYING)
    (cause,) = answered["status"]["details"]["causes"]
    assert "the statement Wide" in cause["message"]
    assert ["the statement Open" in warning for warning in warnings(answered)] == [True]


def test_of_a_stored_object_with_faults_no_error_is_known():
    answered = answer(key(EVERYBODY), an_object(spec={"alias": "x"}), known=DENYING)
    assert answered["allowed"] is False


def test_errors_can_be_told_alone():
    answered = answer(key(EVERYBODY), known=WARNING)
    assert answered["allowed"]
    assert ["KC201" in warning for warning in warnings(answered)] == [True]


def test_lint_can_be_left_out():
    assert answer(key(EVERYBODY), known=KNOWN) == {"uid": "705ab4f5", "allowed": True}


def test_a_fault_is_told_before_lint_is_asked():
    faulty = key(EVERYBODY, rotation={"automatic": {"periodDays": 3}})
    causes = answer(faulty, known=DENYING)["status"]["details"]["causes"]
    assert ["KC201" in cause["message"] for cause in causes] == [False]


@pytest.mark.parametrize("change", [{"labels": {"a": "b"}}, {"deletionTimestamp": "2026-11-22T12:00:00Z"}])
def test_what_is_not_judged_is_not_looked_at(change):
    stored = key(EVERYBODY)
    changed = {**stored, "metadata": {**stored["metadata"], **change}}
    assert answer(changed, stored, known=DENYING) == {"uid": "705ab4f5", "allowed": True}


def test_names_of_strangers_are_made_printable():
    answered = answer(key({**EVERYBODY, "Condition": {"StringEquals": {HOSTILE: HOSTILE}}}), known=DENYING)
    texts = [*warnings(answered), answered.get("status", {}).get("message", "")]
    assert all(text.replace("\n", "").isprintable() for text in texts)


@pytest.mark.parametrize("annotations", [None, {}, {"kms.reconciler.dev/lint-ignore": 3}, []], ids=str)
def test_annotations_of_any_shape_hold_nothing_up(annotations):
    stored = key(EVERYBODY)
    new = {**stored, "metadata": {**stored["metadata"], "annotations": annotations}}
    assert answer(new, known=DENYING)["allowed"] is False
