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

MOST_VALUES = 200
"""Of one key of a request, for a set operator: who asks and who writes the policy choose how many values are compared
with how many, so more than these are as if they could not be read. AWS's largest such keys have 50 (tags, aliases)."""


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
    needs = frozenset({key}).union(*(test.needs for test in tests))
    one = _test_of_one(rule, tests)
    values = {"ForAllValues:": _every, "ForAnyValue:": _some}.get(set_operator, _single)
    return Check(condition, values(key, one, missing, if_unreadable), needs)


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


def _single(key: str, one: Matcher, missing: bool, if_unreadable: bool) -> Callable[[Facts], bool]:  # noqa: FBT001
    """The one value must meet the condition; of several, nobody can say which is meant."""

    def holds(facts: Facts) -> bool:
        given = facts.get(key)
        if not given:
            return missing
        if len(given) != 1:
            return if_unreadable
        try:
            return one(given[0], facts)
        except Unreadable:
            return if_unreadable

    return holds


def _every(key: str, one: Matcher, missing: bool, if_unreadable: bool) -> Callable[[Facts], bool]:  # noqa: FBT001
    def holds(facts: Facts) -> bool:
        given = facts.get(key)
        if not given:
            return missing
        if len(given) > MOST_VALUES:
            return if_unreadable
        try:
            return all(one(value, facts) for value in given)
        except Unreadable:
            return if_unreadable

    return holds


def _some(key: str, one: Matcher, missing: bool, if_unreadable: bool) -> Callable[[Facts], bool]:  # noqa: FBT001
    def holds(facts: Facts) -> bool:
        given = facts.get(key)
        if not given:
            return missing
        if len(given) > MOST_VALUES:
            return if_unreadable
        try:
            return any(one(value, facts) for value in given)
        except Unreadable:
            return if_unreadable

    return holds
