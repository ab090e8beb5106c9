"""One text for one value."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.kit.absent import ABSENT
from reconciler.kit.canonical import canonical_json, digest, digest_of_all


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: int
    y: Any = None


@dataclass(frozen=True)
class Other:
    x: int
    y: Any = None


@dataclass(frozen=True)
class One:
    x: Any


@dataclass(frozen=True)
class Nothing:
    pass


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda values: st.one_of(st.lists(values, max_size=4), st.dictionaries(st.text(), values, max_size=4)),
    max_leaves=8,
)


@given(json_values)
def test_the_text_says_the_value(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(value: dict[str, int], random: Any) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert canonical_json(dict(items)) == canonical_json(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": "ä"}, '{"a":"ä","b":1}'),
        (datetime(2026, 1, 1, tzinfo=UTC), '"2026-01-01T00:00:00+00:00"'),
        ({"b", "a"}, '["a","b"]'),
        (frozenset(), "[]"),
        (Colour.RED, '"red"'),
        (ABSENT, '"absent"'),
        (Point(1, Point(2)), '["Point",[1,["Point",[2,null]]]]'),
        (Nothing(), '["Nothing",[]]'),
    ],
)
def test_what_json_lacks_has_its_form(value, text):
    assert canonical_json(value) == text


def test_values_of_two_classes_have_two_texts():
    assert canonical_json(Point(1)) != canonical_json(Other(1))
    assert canonical_json(One(1)) != canonical_json(One([1]))


@pytest.mark.parametrize("value", [b"key material", [b"x"], object(), Point, 1j])
def test_what_has_no_form_is_refused_key_material_above_all(value):
    with pytest.raises(TypeError, match="no canonical JSON form"):
        canonical_json(value)


def test_a_digest_is_sixty_four_hexadecimal_digits_even_of_broken_text():
    assert len(digest("\ud800")) == 64
    assert digest({"a": 1}) == digest({"a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})


def test_a_digest_of_many_values_tells_them_apart_from_any_others():
    several = [[], ["a"], ["b", "a"], ["a", "b"], [["a", "b"]], ['a"\n"b'], ["a", "b", ""]]
    assert len({digest_of_all(values) for values in several}) == len(several)
    assert digest_of_all(["a"]) == digest("a")
