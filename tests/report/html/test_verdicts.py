"""What the pages other than a plan's say first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.lint.check import Severity
from reconciler.model.keyspec import KeyState
from reconciler.plan.drift import DriftKind, FieldDrift
from reconciler.report.html import access_can, access_who, cost, drift, keys, lint
from reconciler.report.keys import KeyList, KeyRow, keys_of
from reconciler.report.lint import LintReport
from tests.report import drifted, linted, states
from tests.report.access import samples as access
from tests.report.basics import NEW_POLICY, PUBLIC, STACK
from tests.report.html.reading import read
from tests.report.html.samples import COSTS


def first(text: str) -> tuple[str, str]:
    """What the page says first, and in which tone."""
    page = read(text)
    masthead = next(one for one in page.all("header"))
    return page.inside("strong"), masthead.attributes["class"].removeprefix("masthead ")


def entry(kind: DriftKind, *fields: FieldDrift, expected: bool = False):
    """A drift of one resource."""
    whole = drifted.everything()
    changed = next(one for one in whole.entries if one.kind is DriftKind.CHANGED)
    return replace(whole, entries=(replace(changed, kind=kind, fields=fields, expected=expected),))


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (drifted.none(), ("No drift", "good")),
        (entry(DriftKind.UNDECLARED, expected=True), ("No drift", "good")),
        (entry(DriftKind.CHANGED), ("1 resource has drifted", "changed")),
        (entry(DriftKind.CHANGED, FieldDrift("policy", NEW_POLICY, PUBLIC)), ("1 resource has drifted", "alarm")),
        (drifted.everything(), ("5 resources have drifted", "alarm")),
    ],
    ids=["none", "expected", "changed", "opened to everybody", "everything"],
)
def test_drift_says_how_much_there_is_and_whether_it_is_grave(found, verdict):
    assert first(drift.render(found)) == verdict


def test_drift_shows_desired_and_real_values_and_what_to_do():
    page = read(drift.render(entry(DriftKind.CHANGED, FieldDrift("enabled", True, False), FieldDrift("a", ABSENT, 1))))
    assert [cell.attributes["data-head"] for cell in page.all("td")] == ["Desired", "Real"] * 2
    assert "to have it as declared, run kmsctl apply." in page.body


def test_a_sensitive_field_that_drifted_shows_no_value():
    text = drift.render(entry(DriftKind.CHANGED, FieldDrift("token", "hunter2", "hunter3", sensitive=True)))
    assert "hunter" not in text
    assert "(sensitive)" in text


def test_unmanaged_keys_are_listed_when_asked_for():
    assert "made by hand" not in drift.render(drifted.everything())
    assert "made by hand" in drift.render(drifted.everything(), list_unmanaged=True)


@pytest.mark.parametrize(
    ("states_", "tone"),
    [
        ([KeyState.ENABLED], "good"),
        ([KeyState.ENABLED, KeyState.DISABLED], "changed"),
        ([KeyState.DISABLED, KeyState.PENDING_DELETION], "alarm"),
    ],
    ids=["enabled", "one disabled", "one awaits deletion"],
)
def test_keys_look_like_the_worst_of_them(states_, tone):
    rows = [KeyRow("", None, states.key(number, state=state)) for number, state in enumerate(states_, 1)]
    assert first(keys.render(KeyList(STACK, {}, tuple(rows))))[1] == tone


def test_the_keys_of_a_whole_account_have_a_row_each():
    listed = keys_of(states.busy(), STACK, everyones=True)
    rows = [one for one in read(keys.render(listed)).all("tr") if "tbody" in one.path]
    assert len(rows) == len(listed.rows)


def test_costs_say_what_changes():
    assert first(cost.render(COSTS)) == ("about $1.50 a month before, $2.50 after (+$1.00)", "changed")
    as_before = replace(COSTS, total=replace(COSTS.total, after=COSTS.total.before))
    assert first(cost.render(as_before)) == ("about $1.50 a month, as before", "quiet")


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (LintReport(3), ("Nothing found", "good")),
        (LintReport(3, (linted.finding("KC507"),)), ("Passed with findings", "changed")),
        (LintReport(3, (linted.finding("KC507"),), Severity.NOTE), ("Failed", "alarm")),
        (LintReport(3, (linted.finding("KC201", suppressed="meant"),)), ("Nothing found", "good")),
    ],
    ids=["nothing", "below the threshold", "at the threshold", "set aside"],
)
def test_lint_says_whether_the_run_failed(report, verdict):
    assert first(lint.render(report)) == verdict


def test_lint_shows_the_worst_first_and_what_was_set_aside_with_its_reason():
    text = read(lint.render(linted.mixed())).body
    assert text.index("KC201") < text.index("KC401") < text.index("KC507") < text.index("Set aside (2)")
    assert "Reason: rotated by hand" in text


@pytest.mark.parametrize(
    ("principal", "action", "verdict"),
    [
        (access.APP, "kms:Encrypt", ("Allowed", "good")),
        (access.APP, "kms:Decrypt", ("Denied", "removed")),
        (access.BOB, "kms:Decrypt", ("Delegated", "changed")),
    ],
    ids=["allowed", "denied", "delegated"],
)
def test_a_question_about_access_is_answered_in_a_word(principal, action, verdict):
    assert first(access_can.render(access.answer(principal, action))) == verdict


def test_who_counts_principals_and_says_nobody_where_there_is_none():
    assert first(access_who.render(access.everybody())) == ("7 principals", "quiet")
    assert first(access_who.render(access.nobody())) == ("Nobody", "alarm")
