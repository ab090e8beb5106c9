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
from reconciler.policy.evaluate.text import Unreadable
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
    one = _test_of_one(rule, tests)
    missing = if_exists or set_operator == "ForAllValues:" or (rule.negated and not set_operator)
    holds = _guarded(_several(set_operator, key, one, missing), if_unreadable=if_unreadable)
    return Check(condition, holds, frozenset({key}).union(*(test.needs for test in tests)))


def _null(key: str, values: tuple[str, ...]) -> Callable[[Facts], bool]:
    wanted = {boolean(value) for value in values}
    return lambda facts: (not facts.get(key)) in wanted


def _test_of_one(rule: Rule, tests: tuple[ValueTest, ...]) -> Callable[[str, Facts], bool]:
    """Whether one value of the request meets the condition: it is like one of the policy's values, or like none."""
    negated = rule.negated
    if len(tests) == 1:
        alone = tests[0].matches
        return lambda given, facts: alone(given, facts) is not negated
    return lambda given, facts: any(test.matches(given, facts) for test in tests) is not negated


def _several(
    set_operator: str,
    key: str,
    one: Callable[[str, Facts], bool],
    missing: bool,  # noqa: FBT001  positional within the module
) -> Callable[[Facts], bool]:
    match set_operator:
        case "ForAllValues:":
            return lambda facts: all(one(given, facts) for given in facts.get(key, ()))
        case "ForAnyValue:":
            return lambda facts: any(one(given, facts) for given in facts[key]) if facts.get(key) else missing
        case _:
            return lambda facts: one(_single(facts[key]), facts) if facts.get(key) else missing


def _single(values: tuple[str, ...]) -> str:
    if len(values) != 1:
        raise Unreadable("several values, and no set operator")
    return values[0]


def _guarded(holds: Callable[[Facts], bool], *, if_unreadable: bool) -> Callable[[Facts], bool]:
    def guarded(facts: Facts) -> bool:
        try:
            return holds(facts)
        except Unreadable:
            return if_unreadable

    return guarded
