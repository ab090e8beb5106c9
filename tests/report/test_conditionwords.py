"""Conditions in words."""

import pytest

from reconciler.policy.conditions import BASE_OPERATORS, SET_OPERATORS, Condition
from reconciler.report.conditionwords import together, words


@pytest.mark.parametrize(
    ("operator", "values", "said"),
    [
        ("StringEquals", ["a"], "k is a"),
        ("StringEquals", ["a", "b"], "k is a or b"),
        ("StringNotEquals", ["a", "b"], "k is not a nor b"),
        ("StringEqualsIgnoreCase", ["a"], "k is, in any case, a"),
        ("StringLike", ["a*"], "k is like a*"),
        ("ArnNotLike", ["a*", "b*"], "k is not like a* nor b*"),
        ("NumericLessThanEquals", ["7"], "k is at most 7"),
        ("DateGreaterThan", ["2026-01-01"], "k is after 2026-01-01"),
        ("DateLessThanEquals", ["2026-01-01"], "k is not after 2026-01-01"),
        ("Bool", ["true"], "k is true"),
        ("NotIpAddress", ["10.0.0.0/8"], "k is not in 10.0.0.0/8"),
        ("Null", ["true"], "k is absent"),
        ("Null", ["false"], "k is present"),
        ("StringEqualsIfExists", ["a"], "k is a or is absent"),
        ("ForAllValues:StringLike", ["a", "b"], "every k is like a or b"),
        ("ForAnyValue:StringEquals", ["a"], "some k is a"),
        ("StringEquals", ["a b", "c,d", ""], 'k is "a b" or "c,d" or ""'),
        ("StringEquals", list("abcdefgh"), "k is a, b, c, d, e, f … (8 values)"),
        ("StringEquals", [], "k is one of none"),
        ("Strange", ["a"], "k Strange a"),
    ],
)
def test_an_operator_its_key_and_values_are_a_clause(operator, values, said):
    assert words(Condition(operator, "k", tuple(values))) == said


@pytest.mark.parametrize("operator", sorted(BASE_OPERATORS))
@pytest.mark.parametrize("which", ["", *SET_OPERATORS])
def test_every_operator_has_words(which, operator):
    assert operator not in words(Condition(f"{which}{operator}", "k", ("a",)))


def test_several_conditions_all_hold():
    conditions = [Condition("Bool", "k", ("true",)), Condition("Null", "l", ("true",))]
    assert together(conditions) == "k is true, and l is absent"


def test_what_a_terminal_obeys_is_escaped():
    assert "\x1b" not in words(Condition("StringEquals\x1b", "k\x1b", ("a\x1b",)))
