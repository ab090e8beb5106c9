"""Plans as machines read them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.plan.changes import Action, FieldChange, Reason
from reconciler.report.json.plan import render
from tests.report import basics, hostile, samples
from tests.report.schemas import check


@pytest.mark.parametrize("plan", [samples.everything, samples.small, samples.quiet, hostile.hostile])
def test_every_plan_is_valid_by_the_schema(plan):
    check("plan", render(plan()))


def test_a_plan_of_everything_has_a_stable_form(snapshot):
    assert render(samples.everything()) == snapshot


def test_the_schema_knows_every_action_and_reason():
    schema = json.loads((basics.SCHEMAS / "plan.schema.json").read_text("utf-8"))["$defs"]
    assert schema["action"]["enum"] == [str(action) for action in Action]
    assert schema["reason"]["enum"] == [str(reason) for reason in Reason]


def test_absent_is_left_out_and_null_is_not():
    fields = (FieldChange("a", ABSENT, None), FieldChange("b", None, ABSENT))
    plan = replace(samples.small(), changes=(replace(samples.updated(), fields=fields),))
    first, second = check("plan", render(plan))["changes"][0]["fields"]
    assert (first.get("before", "none"), first["after"]) == ("none", None)
    assert (second["before"], second.get("after", "none")) == (None, "none")


def test_sensitive_values_are_left_out():
    fields = (FieldChange("token", "hunter2", "hunter3", sensitive=True),)
    text = render(replace(samples.small(), changes=(replace(samples.updated(), fields=fields),)))
    assert check("plan", text)["changes"][0]["fields"] == [{"path": "token", "sensitive": True, "cosmetic": False}]
    assert "hunter" not in text


def test_a_blocked_plan_says_that_it_cannot_be_applied():
    assert check("plan", render(samples.everything()))["applicable"] is False
    assert check("plan", render(samples.small()))["applicable"] is True


def test_the_text_is_ascii_whatever_is_in_it():
    assert render(hostile.hostile()).replace("\n", "").isprintable()
    assert render(hostile.hostile()).isascii()
