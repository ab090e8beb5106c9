"""When a statement holds: the `Condition` element.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.kit.printable import printable
from reconciler.policy.faults import FaultList, Location, json_type, nearest
from reconciler.policy.strings import read_items

IF_EXISTS = "IfExists"
SET_OPERATORS = ("ForAllValues:", "ForAnyValue:")

BASE_OPERATORS = frozenset({
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
    "StringLike", "StringNotLike",
    "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
    "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike",
})  # fmt: skip
"""The operators that take `IfExists` and the set operators. AWS's pages give one spelling each, so case counts."""

_MAX_NUMBER_BITS = 1024
"""No policy fits a number longer than this; and Python refuses to write very long ones."""


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """One test: `operator` compares the request's `key` with `values`, of which one must match (none, if negated).

    Numbers and booleans are held as the strings they are equal to: quotation marks around them are optional
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
    """

    operator: str
    key: str
    values: tuple[str, ...]


def split_operator(operator: str) -> tuple[str, str, bool]:
    """`operator` in parts: the set operator or "", the base operator, and whether `IfExists` is added."""
    prefix = next((prefix for prefix in SET_OPERATORS if operator.startswith(prefix)), "")
    base = operator.removeprefix(prefix)
    return prefix, base.removesuffix(IF_EXISTS), base.endswith(IF_EXISTS)


def is_operator(text: str) -> bool:
    """Whether IAM has the condition operator `text`; `Null` takes neither a set operator nor `IfExists`."""
    return text == "Null" or split_operator(text)[1] in BASE_OPERATORS


def read_conditions(value: object, location: Location, faults: FaultList) -> tuple[Condition, ...]:
    """The tests in the value of a `Condition` element, in the order written."""
    if not isinstance(value, Mapping):
        faults.add(location, f"expected an object, found {json_type(value)}", "write {operator: {key: value}}")
        return ()
    found: list[Condition] = []
    for operator, tests in value.items():
        found += _read_operator(str(operator), tests, (*location, str(operator)), faults)
    return tuple(found)


def _read_operator(operator: str, tests: object, location: Location, faults: FaultList) -> list[Condition]:
    if not is_operator(operator):
        what = f"{printable(operator, limit=80)} is no condition operator"
        faults.add(location, what, nearest(split_operator(operator)[1], BASE_OPERATORS | {"Null"}))
    if not isinstance(tests, Mapping):
        faults.add(location, f"expected an object, found {json_type(tests)}", "write {key: value}")
        return []
    _check_keys([str(key) for key in tests], location, faults)
    return [_read_test(operator, str(key), values, (*location, str(key)), faults) for key, values in tests.items()]


def _check_keys(keys: list[str], location: Location, faults: FaultList) -> None:
    """Keys that differ by case alone are one key: their names are not case-sensitive (…elements_condition.html)."""
    seen: dict[str, str] = {}
    for key in keys:
        first = seen.setdefault(key.lower(), key)
        if first != key:
            what = f"{printable(key, limit=80)} is the same condition key as {printable(first, limit=80)}"
            faults.add((*location, key), what, "keep one; use a list for several values")


def _read_test(operator: str, key: str, values: object, location: Location, faults: FaultList) -> Condition:
    texts = (_text_of(item, place, faults) for place, item in read_items(values, location, faults))
    return Condition(operator, key, tuple(texts))


def _text_of(value: object, location: Location, faults: FaultList) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() <= _MAX_NUMBER_BITS:
            return str(value)
        case float() if math.isfinite(value):
            return str(value)
        case int() | float():
            faults.add(location, "the number is out of range", "write a finite number, or a string")
        case _:
            what = f"expected a string, number or boolean, found {json_type(value)}"
            faults.add(location, what, "write one value, or a list of values")
    return ""
