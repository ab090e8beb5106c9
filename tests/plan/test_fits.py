"""A value is of a field's type, or it does not come out of a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from reconciler.kit.absent import ABSENT, Absent
from reconciler.model.address import Kind
from reconciler.model.identifiers import Days
from reconciler.plan.changes import Change, RiskLevel
from reconciler.plan.saved.fits import field_types, fits
from reconciler.plan.steps import EnableKey, ExistingKey, KeyHandle

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("text", str),
        (True, bool),
        (7, Days),
        (1, float),
        (1.5, float),
        (None, str | None),
        (NOW, datetime),
        (("a",), tuple[str, ...]),
        ((), tuple[str, ...]),
        (frozenset({"a"}), frozenset[str]),
        ({"a": "b"}, Mapping[str, str]),
        ("Retain", Literal["Retain", "Schedule"]),
        (ABSENT, Any | Absent),
        ({"a": (1, None, True, 1.5)}, Any),
        (Kind.KEY, Kind),
        (ExistingKey("k"), KeyHandle),
    ],
    ids=repr,
)
def test_it_is_one(value, kind):
    assert fits(value, kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, str),
        (1, bool),
        (True, int),
        (True, Days),
        ("7", Days),
        (True, float),
        (float("nan"), float),
        (float("inf"), Any),
        (None, str),
        (datetime(2026, 1, 1), datetime),  # noqa: DTZ001  that is the fault
        ("NOW", datetime),
        (("a", 1), tuple[str, ...]),
        (["a"], tuple[str, ...]),
        ("ab", tuple[str, ...]),
        (frozenset({1}), frozenset[str]),
        (("a",), frozenset[str]),
        ({"a": 1}, Mapping[str, str]),
        ({1: "a"}, Mapping[str, str]),
        ((), Mapping[str, str]),
        ("Keep", Literal["Retain", "Schedule"]),
        (True, Literal[1]),
        (ABSENT, Any),
        (EnableKey(ExistingKey("k")), Any),
        ({1: "a"}, Any),
        ((NOW,), Any),
        ("Key", Kind),
        (2, RiskLevel),
        ("k", KeyHandle),
    ],
    ids=repr,
)
def test_it_is_none(value, kind):
    assert not fits(value, kind)


def test_every_field_of_a_class_has_its_type():
    assert field_types(Change)["resource_id"] == str | None
