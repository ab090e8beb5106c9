"""The guard's truth table."""

from __future__ import annotations

import pytest

from reconciler.model.address import Address, Kind
from reconciler.plan.changes import Action, Change, Plan, Reason, Risk, RiskLevel
from reconciler.plan.risk.guard import Refusal, verdict
from tests.plan.build import DB

NAME = "key-in-use"


def plan_with(action=Action.UPDATE, *levels, address=DB):
    risks = tuple(Risk(level, NAME, "why") for level in levels)
    return Plan("default", {}, "", (Change(address, action, Reason.DIFFERS, risks=risks, detail="because"),))


@pytest.mark.parametrize("allowed", [(), (NAME,), (f"{NAME}:Key/db",)], ids=["nothing", "by name", "by address"])
@pytest.mark.parametrize(
    ("action", "levels", "unallowed", "allowable"),
    [
        pytest.param(Action.UPDATE, (), True, True, id="no risk"),
        pytest.param(Action.UPDATE, (RiskLevel.SAFE,), True, True, id="safe"),
        pytest.param(Action.UPDATE, (RiskLevel.CAUTION,), True, True, id="caution"),
        pytest.param(Action.UPDATE, (RiskLevel.DANGER,), False, True, id="danger"),
        pytest.param(Action.UPDATE, (RiskLevel.FORBIDDEN,), False, False, id="forbidden"),
        pytest.param(Action.UPDATE, (RiskLevel.DANGER, RiskLevel.FORBIDDEN), False, False, id="both"),
        pytest.param(Action.BLOCKED, (), False, False, id="blocked"),
        pytest.param(Action.BLOCKED, (RiskLevel.DANGER,), False, False, id="blocked and danger"),
    ],
)
def test_a_plan_may_be_applied_when_every_danger_is_allowed_and_nothing_is_forbidden_or_blocked(
    action, levels, unallowed, allowable, allowed
):
    refused = bool(verdict(plan_with(action, *levels), allowed).refusals)
    assert refused is not (allowable if allowed else unallowed)


@pytest.mark.parametrize("allowed", ["key-in-us", "danger", "*", "", "key-in-use:Key/other", "KEY-IN-USE"])
def test_nothing_but_the_name_of_the_danger_allows_it(allowed):
    assert verdict(plan_with(Action.UPDATE, RiskLevel.DANGER), [allowed]).refusals


def test_one_refusal_refuses_the_whole_plan():
    app = Address(Kind.KEY, "app")
    both = Plan(
        "default",
        {},
        "",
        plan_with(Action.UPDATE, RiskLevel.DANGER).changes
        + plan_with(Action.UPDATE, RiskLevel.DANGER, address=app).changes,
    )
    assert [refusal.address for refusal in verdict(both, [f"{NAME}:Key/db"]).refusals] == [app]


def test_a_refusal_says_what_would_allow_it():
    assert verdict(plan_with(Action.UPDATE, RiskLevel.DANGER)).refusals == (Refusal(DB, NAME, "why", f"{NAME}:Key/db"),)
    assert verdict(plan_with(Action.UPDATE, RiskLevel.FORBIDDEN)).refusals == (Refusal(DB, NAME, "why", None),)
    assert verdict(plan_with(Action.BLOCKED)).refusals == (Refusal(DB, "differs", "because", None),)


def test_allowances_that_nothing_needs_are_told():
    assert verdict(plan_with(Action.UPDATE, RiskLevel.CAUTION), [NAME, "typo"]).unused == (NAME, "typo")
    assert verdict(plan_with(Action.UPDATE, RiskLevel.DANGER), [NAME]).unused == ()
