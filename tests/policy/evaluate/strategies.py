"""Small worlds of policies and requests, in which statements meet the requests often."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.policy.evaluate.world import ALICE, APP, BOB, KEY, ROOT, S3, SESSION, STRANGER, THEIR_ROOT, THEM, US, grant

names = st.sampled_from([US, ROOT, THEM, THEIR_ROOT, APP, SESSION, ALICE, BOB, STRANGER, "*"])
actions = st.sampled_from(
    ["kms:*", "KMS:*", "kms:Decrypt", "kms:DEC*", "kms:Put*", "kms:PutKeyPolicy", "*", "kms:?ign"]
)
resources = st.sampled_from(
    ["*", "arn:aws:kms:*:*:key/*", KEY, "arn:aws:kms:eu-*", "arn:aws:kms:*:*:key/${aws:username}*"]
)
booleans = st.sampled_from([True, "true", "True", False, "false"])
texts = st.sampled_from(["ann", "Ann", "eve", "${aws:username}", "a*", "a?n", "*", ""])
arns = st.sampled_from(
    [ALICE, STRANGER, f"arn:aws:iam::{US}:*", "arn:aws:iam::*:user/alice", f"arn:aws:iam::{US}:role/?pp"]
)
networks = st.sampled_from(["203.0.113.0/24", "0.0.0.0/0", "198.51.100.7", "2001:db8::/32"])
numbers = st.sampled_from([1, "1", 1.5, "300", "-2"])
octets = st.sampled_from(["AAAA", "QUJD"])
"""In one spelling, so that bytes are equal when their texts are."""
STRINGS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"]
KINDS: list[tuple[list[str], list[str], st.SearchStrategy[Any]]] = [
    (["aws:username", "kms:EncryptionContext:Tenant"], STRINGS, texts),
    (["kms:encryptioncontext:tenant"], ["StringNotEqualsIgnoreCase"], texts),
    (["aws:PrincipalArn"], ["ArnLike", "ArnNotEquals", "StringLike", "StringNotLike"], arns),
    (["aws:SourceIp"], ["IpAddress", "NotIpAddress"], networks),
    (["aws:MultiFactorAuthAge"], ["NumericEquals", "NumericNotEquals", "NumericLessThan"], numbers),
    (["aws:SecureTransport"], ["Bool"], booleans),
    (["kms:Digest"], ["BinaryEquals"], octets),
]
SETS = [
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "ForAllValues:StringNotEquals",
    "ForAnyValue:StringNotLike",
]


def one_or_more(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(items, st.lists(items, min_size=1, max_size=3))


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for _ in range(draw(st.integers(0, 2))):
        keys, operators, values = draw(st.sampled_from(KINDS))
        key, operator = draw(st.sampled_from(keys)), draw(st.sampled_from(operators))
        match draw(st.integers(0, 5)):
            case 0:
                found["Null"] = {key: draw(st.sampled_from(["true", "false"]))}
            case 1:
                found[f"{operator}IfExists"] = {key: draw(one_or_more(values))}
            case 2:
                found[draw(st.sampled_from(SETS))] = {"aws:TagKeys": draw(one_or_more(texts))}
            case _:
                found[operator] = {key: draw(one_or_more(values))}
    return found


@st.composite
def statements(draw: st.DrawFn, *, principals: bool = True, effect: str | None = None) -> dict[str, Any]:
    said: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Deny"]))}
    who = st.one_of(
        st.just("*"),
        st.builds(lambda aws: {"AWS": aws}, one_or_more(names)),
        st.just({"Service": S3}),
    )
    elements = [("Action", one_or_more(actions)), ("Resource", one_or_more(resources))]
    for element, values in [*([("Principal", who)] if principals else []), *elements]:
        negated = draw(st.integers(0, 7)) == 0
        said[f"Not{element}" if negated else element] = draw(values)
    condition = draw(conditions())
    return {**said, "Condition": condition} if condition else said


def policies(*, principals: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda version, said: {**({"Version": version} if version else {}), "Statement": said},
        st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17", None]),
        st.lists(statements(principals=principals), min_size=1, max_size=4),
    )


asking = st.sampled_from([ROOT, ALICE, BOB, APP, SESSION, STRANGER, S3])
asked = st.sampled_from(["kms:Decrypt", "kms:Encrypt", "kms:PutKeyPolicy"])
facts = st.fixed_dictionaries(
    {},
    optional={
        "aws:username": st.sampled_from(["ann", "eve", "1234abcd"]),
        "aws:principalarn": st.sampled_from([ALICE, STRANGER, APP]),
        "aws:sourceip": st.sampled_from(["203.0.113.9", "198.51.100.7", "2001:db8::1"]),
        "kms:encryptioncontext:tenant": st.sampled_from(["ann", "Ann", "eve", ""]),
        "aws:tagkeys": st.lists(st.sampled_from(["ann", "eve", "a"]), min_size=1, max_size=2),
        "aws:multifactorauthage": st.sampled_from(["1", "299"]),
        "aws:securetransport": st.sampled_from(["true", "false"]),
        "kms:digest": octets,
    },
).map(lambda found: {key: (value,) if isinstance(value, str) else tuple(value) for key, value in found.items()})
grants = st.lists(
    st.builds(grant, st.sampled_from([ALICE, APP, SESSION, STRANGER, US, S3]), st.sampled_from(["Decrypt", "Encrypt"])),
    max_size=2,
).map(tuple)
