"""Conditions made ready: whether a request's facts meet them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.policy.conditions import Condition, split_operator
from reconciler.policy.evaluate.inputs import Facts
from reconciler.policy.evaluate.operators import RULES, Rule, ValueTest
from reconciler.policy.evaluate.text import Matcher, Unreadable
from reconciler.policy.evaluate.values import boolean


@dataclass(frozen=True, slots=True)
class Check:
    """A condition, made ready."""

    condition: Condition
    holds: Callable[[Facts], bool]
    needs: frozenset[str]
    """Condition keys that it looks at, in lower case."""


def check(condition: Condition, *, variables: bool, if_unreadable: bool) -> Check:
    """`condition` made ready, for a policy whose version has policy variables or not.

    `if_unreadable` is the answer wherever the condition, or the request's value, cannot be made sense of: False for a
    statement that allows, True for one that denies.
    """
    key = condition.key.lower()
    try:
        if condition.operator == "Null":
            return Check(condition, _null(key, condition.values), frozenset({key}))
        set_operator, base, if_exists = split_operator(condition.operator)
        rule = RULES.get(base)
        if rule is None:
            raise Unreadable("an unknown operator")
        tests = tuple(rule.make(value, variables) for value in condition.values)
    except Unreadable:
        return Check(condition, lambda _: if_unreadable, frozenset())
    missing = if_exists or set_operator == "ForAllValues:" or (rule.negated and not set_operator)
    compare = _compared(set_operator, key, _test_of_one(rule, tests))
    needs = frozenset({key}).union(*(test.needs for test in tests))
    return Check(condition, _guarded(key, compare, missing=missing, if_unreadable=if_unreadable), needs)


def _null(key: str, values: tuple[str, ...]) -> Callable[[Facts], bool]:
    wanted = {boolean(value) for value in values}
    return lambda facts: (not facts.get(key)) in wanted


def _test_of_one(rule: Rule, tests: tuple[ValueTest, ...]) -> Matcher:
    """Whether one value of the request meets the condition: it is like one of the policy's values, or like none."""
    negated = rule.negated
    if len(tests) == 1 and not negated:
        return tests[0].matches
    found = [test.matches for test in tests]
    return lambda given, facts: any(matches(given, facts) for matches in found) is not negated


def _compared(set_operator: str, key: str, one: Matcher) -> Callable[[Facts], bool]:
    """Whether the values that the request has for `key` meet the condition."""
    match set_operator:
        case "ForAllValues:":
            return lambda facts: all(one(given, facts) for given in facts[key])
        case "ForAnyValue:":
            return lambda facts: any(one(given, facts) for given in facts[key])
        case _:
            return lambda facts: one(_single(facts[key]), facts)


def _single(values: tuple[str, ...]) -> str:
    if len(values) != 1:
        raise Unreadable("several values, and no set operator")
    return values[0]


def _guarded(
    key: str, compare: Callable[[Facts], bool], *, missing: bool, if_unreadable: bool
) -> Callable[[Facts], bool]:
    def holds(facts: Facts) -> bool:
        if not facts.get(key):
            return missing
        try:
            return compare(facts)
        except Unreadable:
            return if_unreadable

    return holds
