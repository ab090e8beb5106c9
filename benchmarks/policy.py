"""How fast policies are understood: decisions a second, and what two long policies mean."""

from __future__ import annotations

import bisect
import json
import time
from collections.abc import Callable
from typing import Any

from benchmarks.tables import table
from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.evaluate import IdentityPolicies, Requester, prepare
from reconciler.policy.meaning import witness

_US = "111122223333"
_KEY = f"arn:aws:kms:us-east-1:{_US}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_TEAM = "kms:EncryptionContext:team"
_ROLES = [f"arn:aws:iam::{_US}:role/team-{number:04d}" for number in range(2000)]
_SIZE = 32_000
"""Bytes of the longer policy: KMS takes 32,768."""
_BEST_OF = 5
_MOST_MS = 50
_LEAST_DECISIONS = 100_000

Statement = dict[str, Any]
Shape = tuple[Callable[[int], list[Statement]], Callable[[int], list[Statement]]]
"""A policy, given how much of it there is, and other words for it."""


def _allow(who: Any, actions: Any, **conditions: dict[str, Any]) -> Statement:
    said = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": actions, "Resource": "*"}
    return {**said, "Condition": conditions} if conditions else said


def _principals(n: int) -> list[Statement]:
    return [_allow(_ROLES[:n], ["kms:Decrypt", "kms:Encrypt"])]


def _principals_apart(n: int) -> list[Statement]:
    half = n // 2
    parts = [_allow(some, "kms:Decrypt") for some in (_ROLES[:half], _ROLES[half:n])]
    return [*parts, _allow(_ROLES[:n][::-1], "kms:Encrypt")]


def _statements(n: int) -> list[Statement]:
    return [_allow(_ROLES[i], ["kms:Decrypt", "kms:Encrypt"], StringEquals={_TEAM: str(i)}) for i in range(n)]


def _statements_apart(n: int) -> list[Statement]:
    asked = [(action, i) for i in range(n) for action in ("kms:Decrypt", "kms:Encrypt")]
    return [_allow(_ROLES[i], action, StringLike={_TEAM.lower(): str(i)}) for action, i in asked]


def _values(n: int) -> list[Statement]:
    return [_allow(_ROLES[0], "kms:Decrypt", StringEquals={_TEAM: _teams(n)})]


def _values_apart(n: int) -> list[Statement]:
    teams = _teams(n)
    parts = ({"StringLike": {_TEAM: teams[: n // 2 + 9]}}, {"StringEquals": {_TEAM: teams[n // 2 :]}})
    return [_allow(_ROLES[0], "kms:Decrypt", **part) for part in parts]


def _teams(n: int) -> list[str]:
    return [f"team-{number:05d}-of-the-house" for number in range(n)]


def _patterns(n: int) -> list[Statement]:
    return [_allow("*", "kms:Decrypt", ArnLike={"aws:PrincipalArn": _below(n)})]


def _patterns_apart(n: int) -> list[Statement]:
    below = _below(n)
    parts = (
        {"ArnEquals": {"aws:PrincipalArn": below[: n // 2 + 9]}},
        {"StringLike": {"aws:PrincipalArn": below[n // 2 :]}},
    )
    return [_allow("*", "kms:Decryp*", **part) for part in parts]


def _below(n: int) -> list[str]:
    return [f"{role}/*" for role in _ROLES[:n]]


def _value_patterns(n: int) -> list[Statement]:
    return [_allow(_ROLES[0], "kms:Decrypt", StringLike={_TEAM: _within(n)})]


def _value_patterns_apart(n: int) -> list[Statement]:
    parts = (_within(n)[: n // 2 + 9], [*_within(n)[n // 2 :], "house/team-0000/x*"])
    return [_allow(_ROLES[0], "kms:Decrypt", StringLike={_TEAM: part}) for part in parts]


def _within(n: int) -> list[str]:
    return [f"house/team-{number:04d}/*" for number in range(n)]


def _clauses(n: int) -> list[Statement]:
    both = [(str(i), f"s{i}.*") for i in range(n)]
    return [
        _allow(_ROLES[0], "kms:Decrypt", StringEquals={_TEAM: team}, StringLike={"kms:ViaService": via})
        for team, via in both
    ]


def _clauses_and_more(n: int) -> list[Statement]:
    within = _allow(_ROLES[0], "kms:Decrypt", StringEquals={_TEAM: "1"}, StringLike={"kms:ViaService": "s1.x*"})
    return [*_clauses(n)[::-1], within]


def _actions(n: int) -> list[Statement]:
    return [_allow(role, ["kms:Generate*", "kms:Get*", "kms:*Encrypt*", "kms:De*"]) for role in _ROLES[:n]]


def _actions_apart(n: int) -> list[Statement]:
    first = ["kms:DescribeKey", "kms:De*", "kms:Encrypt", "kms:ReEncrypt*"]
    return [_allow(_ROLES[:n], first), _allow(_ROLES[:n], ["kms:Get*", "kms:Generate*"])]


_SHAPES: dict[str, Shape] = {
    "principals": (_principals, _principals_apart),
    "statements": (_statements, _statements_apart),
    "condition values": (_values, _values_apart),
    "patterns of principals": (_patterns, _patterns_apart),
    "patterns of condition values": (_value_patterns, _value_patterns_apart),
    "clauses of one principal": (_clauses, _clauses_and_more),
    "patterns of actions": (_actions, _actions_apart),
}


def run() -> str:
    """The tables."""
    return f"{_decisions()}\n{_meanings()}"


def _decisions() -> str:
    said = [_allow(_ROLES[i], ["kms:Decrypt", "kms:Encrypt"], StringEquals={_TEAM: str(i)}) for i in range(18)]
    denied = {**_allow("*", "kms:*", Bool={"aws:SecureTransport": "false"}), "Effect": "Deny"}
    policy = parse_document({"Version": "2012-10-17", "Statement": [*said, denied, _allow(_US, "kms:*")]})
    prepared = _prepared(policy, 7)
    facts = {_TEAM.lower(): ("7",), "aws:securetransport": ("true",)}
    known = _rate(lambda: prepared.decide(facts), 20_000)
    new = _rate(lambda: _prepared(policy, 7).decide(facts), 2_000)
    rows = [
        ("of a requester and an action that asked before", f"{known:,.0f}", f"{_LEAST_DECISIONS:,}"),
        ("of new ones", f"{new:,.0f}", "-"),
    ]
    return table("Decisions on a policy of 20 statements, one process", ("decisions", "a second", "at least"), rows)


def _prepared(policy: PolicyDocument, number: int) -> Any:
    requester = Requester.of(_ROLES[number])
    identity = IdentityPolicies()
    return prepare(requester, "kms:Decrypt", _KEY, key_account=_US, key_policy=policy, identity=identity)


def _rate(call: Callable[[], object], times: int) -> float:
    def all_of_them() -> None:
        for _ in range(times):
            call()

    return times / _best(all_of_them)


def _meanings() -> str:
    rows = [_meaning(name, *shape) for name, shape in _SHAPES.items()]
    head = ("mostly", "bytes", "one meaning, ms", "not quite, ms", "at most, ms")
    return table(f"What two long policies mean, CPU, best of {_BEST_OF}", head, rows)


def _meaning(
    name: str, one: Callable[[int], list[Statement]], other: Callable[[int], list[Statement]]
) -> tuple[Any, ...]:
    n = bisect.bisect_left(range(2_000), _SIZE, lo=2, key=lambda n: _bytes(one, other, n)) - 1
    policy, same, less = (parse_document(_text(said)) for said in (one(n), other(n), one(n - 1)))
    assert witness(policy, same, account=_US, partition="aws") is None
    assert witness(policy, less, account=_US, partition="aws") is not None
    took = [_best(lambda with_=with_: witness(policy, with_, account=_US, partition="aws")) for with_ in (same, less)]
    return (name, f"{_bytes(one, other, n):,}", *(seconds * 1000 for seconds in took), _MOST_MS)


def _bytes(one: Callable[[int], list[Statement]], other: Callable[[int], list[Statement]], n: int) -> int:
    return max(len(_text(said(n))) for said in (one, other))


def _text(statements: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def _best(call: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_BEST_OF):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return best
