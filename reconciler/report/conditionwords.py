"""Conditions of policies in words: `kms:ViaService is s3.us-east-1.amazonaws.com`. What others wrote is escaped here.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.kit.printable import printable
from reconciler.policy.conditions import Condition, split_operator

_VERBS: Final[Mapping[str, str]] = MappingProxyType({
    "StringEquals": "is", "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is, in any case,", "StringNotEqualsIgnoreCase": "is not, in any case,",
    "StringLike": "is like", "StringNotLike": "is not like",
    "NumericEquals": "is", "NumericNotEquals": "is not",
    "NumericLessThan": "is less than", "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than", "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is", "DateNotEquals": "is not",
    "DateLessThan": "is before", "DateLessThanEquals": "is not after",
    "DateGreaterThan": "is after", "DateGreaterThanEquals": "is not before",
    "Bool": "is", "BinaryEquals": "is",
    "IpAddress": "is in", "NotIpAddress": "is not in",
    "ArnEquals": "is", "ArnLike": "is like", "ArnNotEquals": "is not", "ArnNotLike": "is not like",
})  # fmt: skip
"""By base operator; one that is not known is told as it is."""
_SETS: Final = MappingProxyType({"": "", "ForAllValues:": "every ", "ForAnyValue:": "some "})
_MOST: Final = 6
"""Values that are told; of more, how many there are is."""


def words(condition: Condition) -> str:
    """`condition` as a clause, printable."""
    key = printable(condition.key)
    if condition.operator == "Null":
        return f"{key} is {' or '.join('absent' if value == 'true' else 'present' for value in condition.values)}"
    which, base, if_exists = split_operator(condition.operator)
    verb = _VERBS.get(base, printable(condition.operator))
    there = " or is absent" if if_exists else ""
    either = " nor " if " not" in verb else " or "
    return f"{_SETS[which]}{key} {verb} {_listed(condition.values, either)}{there}"


def together(conditions: Iterable[Condition]) -> str:
    """`conditions` as one clause: all of them hold."""
    return ", and ".join(map(words, conditions))


def _listed(values: tuple[str, ...], either: str) -> str:
    shown = [_quoted(value) for value in values[:_MOST]]
    if len(values) > _MOST:
        return f"{', '.join(shown)} … ({len(values)} values)"
    return either.join(shown) or "one of none"


def _quoted(value: str) -> str:
    text = printable(value)
    return text if text and " " not in text and "," not in text else f'"{text}"'
