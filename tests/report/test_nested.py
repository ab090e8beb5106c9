"""Where two nested values differ."""

from __future__ import annotations

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.report.nested import NestedChange, is_nested, nested_changes


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param({"a": "1"}, {"a": "2"}, [("a", "1", "2")], id="an entry that changed"),
        pytest.param({}, {"a": "1"}, [("a", ABSENT, "1")], id="an entry that was added"),
        pytest.param({"a": "1"}, {}, [("a", "1", ABSENT)], id="an entry that was removed"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": None}}, [("a.b", 1, None)], id="null is a value, and not absence"),
        pytest.param(["x", "y"], ["y", "z", "x"], [("", ABSENT, "z")], id="lists are compared as sets"),
        pytest.param(["x", "y"], ["y", "x"], [], id="order is no difference"),
        pytest.param({"a": ["x"]}, {"a": ["x", "y"]}, [("a", ABSENT, "y")], id="a list in a mapping"),
        pytest.param({"[31m": "1"}, {"[31m": "2"}, [("[31m", "1", "2")], id="a hostile key is data"),
    ],
)
def test_changes_are_named_by_their_path(before: object, after: object, changes: list[tuple[object, ...]]) -> None:
    assert nested_changes(before, after) == tuple(NestedChange(*change) for change in changes)


def test_only_mappings_and_lists_have_an_inside() -> None:
    assert [is_nested(value) for value in ({}, [], (), "text", None, 1)] == [True, True, True, False, False, False]
