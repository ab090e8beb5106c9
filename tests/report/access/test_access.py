"""Who may do what, in every format."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.policy.access import Standing
from reconciler.report.access.people import ROLES, called, role_of, spoken
from reconciler.report.access.shown import GrantShown, KeyShown
from reconciler.report.json import access_can as can_as_json
from reconciler.report.json import access_who as who_as_json
from reconciler.report.markdown import access_can as can_as_markdown
from reconciler.report.markdown import access_who as who_as_markdown
from reconciler.report.style import Style
from reconciler.report.text import access_can as can_as_text
from reconciler.report.text import access_who as who_as_text
from tests.policy.access.world import APP, BOB, KEY_ARN, STRANGER
from tests.report.access import samples
from tests.report.schemas import check

ANSWERS = {
    "allowed": lambda: samples.answer(APP, facts={"aws:sourceip": ("10.0.0.1",)}),
    "delegated": lambda: samples.answer(BOB),
    "delegated-elsewhere": lambda: samples.answer("arn:aws:iam::444455556666:role/Other"),
    "denied": lambda: samples.answer(BOB, "kms:ScheduleKeyDeletion"),
    "denied-by-nothing": lambda: samples.answer("logs.amazonaws.com"),
    "by-a-grant": lambda: samples.answer(STRANGER, context={"app": "orders"}),
    "by-iam": lambda: samples.answer(BOB, identities=samples.KNOWN, via="s3"),
    "unreadable": lambda: samples.unreadable(policy="no JSON"),
    "unreadable-boundary": lambda: samples.unreadable(boundary="IAM does not list it"),
    "never": lambda: samples.answer(APP, "kms:Sign"),
}
answers = pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
LISTS = {
    "unknown": samples.everybody,
    "known": lambda: samples.everybody(samples.KNOWN),
    "nobody": samples.nobody,
    "hostile": samples.hostile_list,
}
lists = pytest.mark.parametrize("listed", LISTS.values(), ids=LISTS)


@answers
def test_answers_read_well(answer, snapshot):
    assert can_as_text.render(answer(), Style()) == snapshot


@answers
def test_answers_read_well_as_markdown(answer, snapshot):
    assert can_as_markdown.render(answer()) == snapshot


@pytest.mark.parametrize("answer", [*ANSWERS.values(), samples.hostile_answer], ids=[*ANSWERS, "hostile"])
def test_every_answer_is_valid_by_the_schema(answer):
    check("access", can_as_json.render(answer()))


def test_answers_have_a_stable_form(snapshot):
    assert can_as_json.render(ANSWERS["by-iam"]()) == snapshot


def test_a_trace_tells_what_became_of_every_statement_and_grant(snapshot):
    assert can_as_text.render(ANSWERS["allowed"](), Style(colour=True), trace=True) == snapshot


@lists
def test_lists_read_well(listed, snapshot):
    assert who_as_text.render(listed(), Style()) == snapshot


@lists
def test_lists_read_well_as_markdown(listed, snapshot):
    assert who_as_markdown.render(listed()) == snapshot


@lists
def test_every_list_is_valid_by_the_schema(listed):
    check("access", who_as_json.render(listed()))


def test_every_standing_is_among_the_samples():
    shown = {ANSWERS[name]().answer.standing for name in ("allowed", "delegated", "denied")}
    assert shown == set(Standing)
    assert {entry.standing for entry in samples.everybody().entries} == set(Standing)


def test_the_arn_of_a_key_that_is_not_there_yet_is_not_shown():
    there, new = (replace(samples.SHOWN, new=new) for new in (False, True))
    assert KEY_ARN in who_as_text.render(samples.everybody(shown=there), Style())
    assert KEY_ARN not in who_as_text.render(samples.everybody(shown=new), Style())


def test_a_grant_without_a_name_is_called_by_its_id():
    unnamed = KeyShown("Key/orders", KEY_ARN, grants={"0123": GrantShown("")})
    assert "by the grant 0123" in who_as_text.render(samples.everybody(shown=unnamed), Style())


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (samples.ACTIONS, "everything"),
        (["kms:Decrypt"], "Decrypt"),
        (["kms:ScheduleKeyDeletion"], "ScheduleKeyDeletion"),
        ([one for one in samples.ACTIONS if role_of(one) in ("use", "read")], "use, read"),
        ([one for one in samples.ACTIONS if role_of(one) == "read"][1:], "read except DescribeKey"),
        (["kms:CreateGrant", "kms:Decrypt", "kms:RevokeGrant"], "Decrypt, CreateGrant, RevokeGrant"),
    ],
)
def test_actions_that_belong_together_have_one_name(actions, said):
    assert spoken(actions, samples.ACTIONS) == said


def test_every_action_has_a_role():
    assert {role_of(action) for action in samples.ACTIONS} == set(ROLES)


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ("*", "everybody"),
        ("arn:aws:iam::111122223333:root", "account 111122223333"),
        (APP, APP),
        ("logs.amazonaws.com", "logs.amazonaws.com"),
    ],
)
def test_principals_are_called_as_people_call_them(principal, said):
    assert called(principal) == said
