"""One condition, or one list of resources, as one yes-or-no question about a request."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.policy.conditions import split_operator
from reconciler.policy.evaluate import Facts
from reconciler.policy.evaluate.conditions import Check
from reconciler.policy.evaluate.operators import RULES
from reconciler.policy.evaluate.statements import ReadyStatement
from reconciler.policy.evaluate.text import Wildcard, keys_in, pieces_of
from reconciler.policy.meaning.keykinds import kind_of

RESOURCE = ":resource"
"""Stands for a condition key: the ARN of the key that is asked for. No condition key begins with a colon."""
_NO_NEEDS: frozenset[str] = frozenset()


class Mode(enum.Enum):
    """How many values of the request a question is about."""

    ONE = ""
    EVERY = "ForAllValues:"
    SOME = "ForAnyValue:"
    PRESENCE = "Null"
    """None at all: whether the key is there."""
    SETTLED = "settled"
    """The answer is always the same, for the condition cannot be read."""


@dataclass(frozen=True, slots=True)
class Column:
    """A question about one condition key of a request."""

    key: str
    """In lower case, or `RESOURCE`."""
    mode: Mode
    base: str
    """The operator without set operator and `IfExists`."""
    values: tuple[str, ...]
    """Sorted, each once."""
    missing: bool
    """The answer when the request has no such key."""
    if_unreadable: bool
    variables: bool
    """The policy's version has policy variables."""
    negated: bool = False
    needs: frozenset[str] = field(default=_NO_NEEDS, compare=False)
    """The keys that it looks at: of policy variables too."""
    others: frozenset[str] = field(default=_NO_NEEDS, compare=False)
    """The keys of its policy variables; its own may be one of them."""
    holds: Callable[[Facts], bool] = field(default=bool, compare=False, repr=False)
    """The evaluator's answer."""


_SAME: Mapping[str, str] = MappingProxyType({"ArnEquals": "ArnLike", "ArnNotEquals": "ArnNotLike"})
_PLAIN: Mapping[str, str] = MappingProxyType({"StringLike": "StringEquals", "StringNotLike": "StringNotEquals"})
"""What the operator is without wildcards."""


def column_of(made: Check, *, variables: bool, if_unreadable: bool) -> Column:
    """A condition as a question, the same for other ways to write it; `variables`, `if_unreadable` as for `check`."""
    condition = made.condition
    key, values = condition.key.lower(), tuple(sorted(set(condition.values)))
    if not made.needs:
        return Column(key, Mode.SETTLED, "", (), if_unreadable, if_unreadable, variables=False, holds=made.holds)
    if condition.operator == "Null":
        missing = made.holds({})
        wanted = (*(("true",) if missing else ()), *(("false",) if made.holds({key: ("x",)}) else ()))
        return Column(key, Mode.PRESENCE, "", wanted, missing, False, False, needs=made.needs, holds=made.holds)  # noqa: FBT003
    prefix, base, _ = split_operator(condition.operator)
    return Column(
        key,
        Mode(prefix),
        _canonical(base, values, variables=variables),
        values,
        missing=made.holds({}),
        if_unreadable=if_unreadable and (kind_of(key).many or not base.startswith("String")),
        variables=variables and any("${" in value for value in values),
        negated=RULES[base].negated,
        needs=made.needs,
        others=_variables(values) if variables else _NO_NEEDS,
        holds=made.holds,
    )


def _variables(values: tuple[str, ...]) -> frozenset[str]:
    """The keys of the policy variables in `values`, which can be read."""
    found = (keys_in(pieces_of(value, wildcards=True, variables=True)) for value in values if "${" in value)
    return _NO_NEEDS.union(*found)


def _canonical(base: str, values: tuple[str, ...], *, variables: bool) -> str:
    found = _SAME.get(base, base)
    if found in _PLAIN and not any(_has_wildcard(value, variables=variables) for value in values):
        return _PLAIN[found]
    return found


def _has_wildcard(value: str, *, variables: bool) -> bool:
    if "*" not in value and "?" not in value:
        return False
    return any(isinstance(piece, Wildcard) for piece in pieces_of(value, wildcards=True, variables=variables))


def resource_column(statement: ReadyStatement, *, variables: bool) -> Column | None:
    """The resources of `statement` as a question; None when it is about every one."""
    resources, said = statement.resources, statement.statement
    if resources is None or resources.everything:
        return None
    values = tuple(sorted(set(said.resources or said.not_resources)))
    if resources.if_unreadable is not None:
        answer = resources.if_unreadable
        return Column(RESOURCE, Mode.SETTLED, "", (), answer, answer, variables=False, holds=lambda _: answer)
    return Column(
        RESOURCE,
        Mode.ONE,
        "StringNotLike" if resources.negated else "StringLike",
        values,
        missing=False,
        if_unreadable=False,
        variables=variables and any("${" in value for value in values),
        negated=resources.negated,
        needs=resources.needs | {RESOURCE},
        others=resources.needs,
        holds=lambda facts: resources.match(facts[RESOURCE][0], facts),
    )
