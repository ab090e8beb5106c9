"""The condition operators: how one value of a policy is compared with one of the request.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reconciler.policy.evaluate.inputs import Facts
from reconciler.policy.evaluate.text import Matcher, Pieces, Unreadable, Variable, keys_in, matcher, pieces_of
from reconciler.policy.evaluate.values import Network, boolean, instant, network, number, octets


@dataclass(frozen=True, slots=True)
class ValueTest:
    """A policy's value, made ready."""

    matches: Matcher
    """Raises Unreadable when the request's value is not of the operator's type."""
    needs: frozenset[str] = frozenset()
    """Condition keys of the policy variables in it, in lower case."""


Make = Callable[[str, bool], ValueTest]
"""A test of a policy's value; the flag says whether its version has policy variables. Raises Unreadable."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What an operator does."""

    make: Make
    negated: bool = False
    """The condition holds when no value of the policy matches, also when the request has no such key."""


def _equals(value: str, variables: bool) -> ValueTest:  # noqa: FBT001  the shape of Make
    pieces = pieces_of(value, wildcards=False, variables=variables)
    return ValueTest(matcher(pieces), keys_in(pieces))


def _equals_ignoring_case(value: str, variables: bool) -> ValueTest:  # noqa: FBT001
    pieces = pieces_of(value, wildcards=False, variables=variables)
    lowered = tuple(piece.lower() if isinstance(piece, str) else _LowerCase.of(piece) for piece in pieces)
    matches = matcher(lowered)
    return ValueTest(lambda given, facts: matches(given.lower(), facts), keys_in(pieces))


class _LowerCase(Variable):
    """A variable whose value counts in lower case."""

    @classmethod
    def of(cls, piece: Any) -> _LowerCase:
        return cls(piece.key, piece.default)

    def value(self, facts: Facts) -> str | None:
        value = Variable.value(self, facts)
        return None if value is None else value.lower()


def _like(value: str, variables: bool) -> ValueTest:  # noqa: FBT001
    pieces = pieces_of(value, wildcards=True, variables=variables)
    return ValueTest(matcher(pieces), keys_in(pieces))


def _arn_like(value: str, variables: bool) -> ValueTest:  # noqa: FBT001
    """Each of the six parts between colons by itself: a wildcard does not run on into the next."""
    pieces = pieces_of(value, wildcards=True, variables=variables)
    parts = _split(pieces)
    if len(parts) != 6:
        raise Unreadable("no ARN")
    tests = tuple(map(matcher, parts))

    def matches(given: str, facts: Facts) -> bool:
        asked = given.split(":", 5)
        if len(asked) != 6:
            raise Unreadable("no ARN")
        return all(test(part, facts) for test, part in zip(tests, asked, strict=True))

    return ValueTest(matches, keys_in(pieces))


def _split(pieces: Pieces) -> list[Pieces]:
    """`pieces` at the first five colons of their plain text; colons in variables' names do not count."""
    parts: list[Pieces] = [()]
    for piece in pieces:
        if isinstance(piece, str):
            first, *rest = piece.split(":", 6 - len(parts))
            parts[-1] += (first,) if first else ()
            parts += [(text,) if text else () for text in rest]
        else:
            parts[-1] += (piece,)
    return parts


def _compared(read: Callable[[str], Decimal], compare: Callable[[Decimal, Decimal], bool]) -> Make:
    def make(value: str, _: bool) -> ValueTest:  # noqa: FBT001
        bound = read(value)
        return ValueTest(lambda given, _: compare(read(given), bound))

    return make


def _bool(value: str, _: bool) -> ValueTest:  # noqa: FBT001
    wanted = boolean(value)
    return ValueTest(lambda given, _: boolean(given) is wanted)


def _binary(value: str, _: bool) -> ValueTest:  # noqa: FBT001
    wanted = octets(value)
    return ValueTest(lambda given, _: octets(given) == wanted)


def _ip_address(value: str, _: bool) -> ValueTest:  # noqa: FBT001
    allowed = network(value)
    return ValueTest(lambda given, _: _is_within(network(given), allowed))


def _is_within(given: Network, allowed: Network) -> bool:
    return (
        given.version == allowed.version
        and int(allowed.network_address) <= int(given.network_address)
        and int(given.broadcast_address) <= int(allowed.broadcast_address)
    )


def _ordered(prefix: str, read: Callable[[str], Decimal]) -> dict[str, Rule]:
    equals = _compared(read, operator.eq)
    return {
        f"{prefix}Equals": Rule(equals),
        f"{prefix}NotEquals": Rule(equals, negated=True),
        f"{prefix}LessThan": Rule(_compared(read, operator.lt)),
        f"{prefix}LessThanEquals": Rule(_compared(read, operator.le)),
        f"{prefix}GreaterThan": Rule(_compared(read, operator.gt)),
        f"{prefix}GreaterThanEquals": Rule(_compared(read, operator.ge)),
    }


RULES: dict[str, Rule] = {
    "StringEquals": Rule(_equals),
    "StringNotEquals": Rule(_equals, negated=True),
    "StringEqualsIgnoreCase": Rule(_equals_ignoring_case),
    "StringNotEqualsIgnoreCase": Rule(_equals_ignoring_case, negated=True),
    "StringLike": Rule(_like),
    "StringNotLike": Rule(_like, negated=True),
    **_ordered("Numeric", number),
    **_ordered("Date", instant),
    "Bool": Rule(_bool),
    "BinaryEquals": Rule(_binary),
    "IpAddress": Rule(_ip_address),
    "NotIpAddress": Rule(_ip_address, negated=True),
    "ArnEquals": Rule(_arn_like),
    "ArnLike": Rule(_arn_like),
    "ArnNotEquals": Rule(_arn_like, negated=True),
    "ArnNotLike": Rule(_arn_like, negated=True),
}
"""Every operator but `Null`, by its name without set operator and `IfExists`."""
