"""Frozen values as JSON, and back."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings

from reconciler.kit.absent import ABSENT
from reconciler.model.scope import scope_of
from reconciler.plan.changes import FieldChange, Plan, RiskLevel
from reconciler.plan.planner import plan
from reconciler.plan.saved import codec
from reconciler.plan.saved.codec import Undecodable, decode, encode
from reconciler.plan.steps import Step
from tests.support.pools import READ_AT
from tests.support.strategies import worlds


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        1.5,
        "",
        "$absent",
        "\ud800",
        ABSENT,
        READ_AT,
        RiskLevel.DANGER,
        frozenset({"b", "a"}),
        (),
        ("a", (1, None)),
        {"$type": "Plan", "$map": {"$absent": True}, "": ()},
        FieldChange("path", ABSENT, {"a": ("b",)}, cosmetic=True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_encoded_comes_back(value):
    assert decode(json.loads(json.dumps(encode(value)))) == value


@pytest.mark.parametrize("value", [b"secret", object(), {"a": b"secret"}, FieldChange], ids=lambda v: type(v).__name__)
def test_what_has_no_place_in_a_plan_cannot_be_encoded(value):
    with pytest.raises(TypeError, match="cannot be saved"):
        encode(value)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": 1},
        {"$type": "Popen", "args": "sh"},
        {"$type": "Address"},
        {"$type": "FieldChange", "path": "p", "before": 1, "after": 2, "extra": 3},
        {"$type": 7},
        {"$enum": ["Kind", "Nothing"]},
        {"$enum": ["Nothing", "Key"]},
        {"$time": "yesterday"},
        {"$absent": False},
    ],
    ids=repr,
)
def test_what_encode_does_not_write_cannot_be_decoded(value):
    with pytest.raises(Undecodable):
        decode(value)


def test_every_step_and_every_class_in_a_plan_can_be_saved():
    assert {step.__name__ for step in get_args(Step)} <= codec._CLASSES.keys()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds())
def test_any_plan_and_any_scope_come_back_as_they_were(world: Any) -> None:
    planned = plan(*world)
    back = decode(json.loads(json.dumps(encode(planned))))
    assert isinstance(back, Plan)
    assert back == planned
    scopes = scope_of(world[0], every_grant=True)
    assert decode(json.loads(json.dumps(encode(scopes)))) == scopes
