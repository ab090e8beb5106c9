"""Equal normal forms decide alike, by an evaluator that shares nothing with them; lockout and exposure never say less
than it finds."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from reconciler.policy.administration import locks_out
from reconciler.policy.compare import compare
from reconciler.policy.document import parse_document, to_json
from reconciler.policy.exposure import external_accounts, is_public
from reconciler.policy.normalise import normalise
from tests.support.decide import ALLOWED, DENIED, SILENT, Request, decide

US, THEM = "111122223333", "444455556666"
ROLE, SESSION = f"arn:aws:iam::{US}:role/app", f"arn:aws:sts::{US}:assumed-role/app/x"
CALLER = f"arn:aws:iam::{US}:user/ann"
STRANGER = f"arn:aws:iam::{THEM}:user/eve"
SERVICE = "s3.amazonaws.com"

names = st.sampled_from([US, f"arn:aws:iam::{US}:root", THEM, f"arn:aws:iam::{THEM}:root", ROLE, CALLER, STRANGER, "*"])
services = st.sampled_from([SERVICE, "logs.us-east-1.amazonaws.com"])
actions = st.sampled_from(
    ["kms:*", "KMS:*", "kms:Decrypt", "kms:decrypt", "kms:Put*", "kms:PutKeyPolicy", "*", "kms:?ign"]
)
resources = st.sampled_from(
    ["*", "arn:aws:kms:*:*:key/*", "arn:aws:kms:us-east-1:111122223333:key/k", "${aws:username}"]
)
KEYS = {
    "aws:username": ["ann", "eve", "${aws:username}", "a*", "a?n"],
    "aws:PrincipalArn": [CALLER, STRANGER, f"arn:aws:iam::{US}:*", "arn:aws:iam::*:user/ann", "${*}"],
    "aws:principalarn": [CALLER, STRANGER, ROLE, f"arn:aws:iam::{US}:role/*app", f"arn:aws:iam::{US}:role/*/app"],
    "kms:BypassPolicyLockoutSafetyCheck": [True, "true", False],
    "kms:CallerAccount": [US, THEM],
    "aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0", "198.51.100.7"],
    "kms:EncryptionContext:Tenant": ["blue", "Blue", "${aws:username}", "*"],
    "kms:encryptioncontext:tenant": ["blue", "red"],
    "aws:TagKeys": ["a", "b", "A"],
    "aws:MultiFactorAuthAge": [1, "1", 1.5, "300"],
    "aws:SecureTransport": [True, "true", "True", False, "false"],
}
OPERATORS = {
    "kms:BypassPolicyLockoutSafetyCheck": ["Bool", "BoolIfExists"],
    "aws:SourceIp": ["IpAddress", "NotIpAddress", "IpAddressIfExists"],
    "aws:MultiFactorAuthAge": ["NumericEquals", "NumericLessThan", "NumericNotEquals", "NumericLessThanIfExists"],
    "aws:SecureTransport": ["Bool", "BoolIfExists", "Null"],
    "aws:TagKeys": ["ForAllValues:StringEquals", "ForAnyValue:StringLike", "ForAllValues:StringNotEquals", "Null"],
    "aws:PrincipalArn": ["ArnLike", "ArnNotEquals", "StringLike", "StringNotLike", "StringEquals"],
    "aws:principalarn": ["ArnEquals", "StringNotEquals", "ArnNotLikeIfExists"],
}
STRINGS = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringEqualsIfExists",
]


def one_or_more(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(items, st.lists(items, min_size=1, max_size=3))


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for key in draw(st.lists(st.sampled_from(sorted(KEYS)), max_size=2, unique_by=str.lower)):
        operator = draw(st.sampled_from(OPERATORS.get(key, STRINGS)))
        values = st.sampled_from(["true", "false"]) if operator == "Null" else st.sampled_from(KEYS[key])
        found.setdefault(operator, {})[key] = draw(values if operator == "Null" else one_or_more(values))
    return found


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    said: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    principal = st.one_of(
        st.just("*"),
        st.builds(lambda aws: {"AWS": aws}, one_or_more(names)),
        st.builds(lambda s: {"Service": s}, services),
    )
    for element, values in (
        ("Principal", principal),
        ("Action", one_or_more(actions)),
        ("Resource", one_or_more(resources)),
    ):
        negated = draw(st.integers(0, 7)) == 0
        said[f"Not{element}" if negated else element] = draw(values)
    condition = draw(conditions())
    return said | ({"Condition": condition} if condition or draw(st.booleans()) else {})


policies = st.builds(
    lambda version, said: {**({"Version": version} if version else {}), "Statement": said},
    st.sampled_from(["2012-10-17", "2008-10-17", None]),
    st.lists(statements(), min_size=1, max_size=3),
)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "aws:username": st.sampled_from(["ann", "eve", "${aws:username}"]),
        "aws:principalarn": st.sampled_from([CALLER, STRANGER, "*"]),
        "kms:calleraccount": st.sampled_from([US, THEM]),
        "aws:sourceip": st.sampled_from(["203.0.113.9", "198.51.100.7", "10.0.0.1"]),
        "kms:encryptioncontext:tenant": st.sampled_from(["blue", "Blue", "ann", "red"]),
        "aws:tagkeys": st.lists(st.sampled_from(["a", "b", "A"]), max_size=2).map(tuple),
        "aws:multifactorauthage": st.sampled_from(["1", "1.5", "299"]),
        "aws:securetransport": st.sampled_from(["true", "false"]),
    },
)
requests = st.builds(
    lambda who, action, resource, context: Request(who[1], action, resource, who[0], context),
    st.sampled_from([("AWS", CALLER), ("AWS", ROLE), ("AWS", STRANGER), ("Service", SERVICE)]),
    st.sampled_from(["kms:Decrypt", "kms:PutKeyPolicy", "kms:Sign", "s3:GetObject"]),
    st.sampled_from(["arn:aws:kms:us-east-1:111122223333:key/k", "${aws:username}", "ann"]),
    contexts,
)


def rewritten(value: Any, chance: random.Random, of: str = "") -> Any:
    """`value`, a policy or a part of one, said in other words; sometimes in words that say something else."""
    match value:
        case dict():
            pairs = [(_reworded(key, chance), rewritten(item, chance, key)) for key, item in value.items()]
            chance.shuffle(pairs)
            return dict(pairs)
        case list():
            items = [rewritten(item, chance, of) for item in value]
            chance.shuffle(items)
            return items + items[: chance.randint(0, 1)] if chance.random() < 0.9 else items[:1]
        case "*" if of.endswith("Principal"):
            return chance.choice(["*", {"AWS": "*"}, {"AWS": ["*"]}])
        case str() if value in (US, f"arn:aws:iam::{US}:root"):
            return chance.choice([US, f"arn:aws:iam::{US}:root"])
        case str() if value.lower().startswith("kms:"):
            return chance.choice([value, value.upper(), value.lower()])
        case str() if of in ("Effect", "Version"):
            return value
        case str() | bool() | int() | float():
            return chance.choice([value] * 12 + [[value], str(value), str(value).lower(), str(value).swapcase()])


def _reworded(key: str, chance: random.Random) -> str:
    return chance.choice([key, key, key.lower(), key.upper()]) if ":" in key and "For" not in key else key


def parsed(policy: Any) -> Any:
    from reconciler.policy.faults import InvalidPolicy

    try:
        return parse_document(policy)
    except InvalidPolicy:
        return None


PATIENT = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@PATIENT
@given(policies, st.integers(0, 10**9), st.lists(requests, min_size=8, max_size=8))
def test_policies_with_one_normal_form_decide_every_request_alike(policy, seed, asked):
    other = rewritten(policy, random.Random(seed))
    one, two = parsed(policy), parsed(other)
    assume(one is not None and two is not None)
    same = normalise(one, partition="aws") == normalise(two, partition="aws")
    event(f"same normal form: {same}")
    assert not same or compare(one, two, account=US, partition="aws").same_meaning
    if same:
        assert [decide(policy, request) for request in asked] == [decide(other, request) for request in asked]


@PATIENT
@given(policies, st.lists(requests, min_size=8, max_size=8))
def test_what_is_written_back_from_a_normal_form_decides_as_the_policy_did(policy, asked):
    document = parsed(policy)
    assume(document is not None)
    written = to_json(normalise(document, partition="aws").document)
    assert [decide(policy, request) for request in asked] == [decide(written, request) for request in asked]


BASE = {"Effect": "Allow", "Principal": {"AWS": US}, "Action": "kms:*", "Resource": "*"}
denials = st.builds(
    lambda said, condition: {**said, "Effect": "Deny", "Condition": condition}, statements(), conditions()
)


@PATIENT
@given(st.lists(denials, max_size=3), contexts, st.sampled_from([CALLER, SESSION]))
def test_whoever_is_not_told_to_be_locked_out_can_put_the_policy_back(denied, context, caller):
    """The caller's own IAM policies allow it everything, as `locks_out` supposes where the account is allowed."""
    policy = {"Version": "2012-10-17", "Statement": [BASE, *denied]}
    document = parsed(policy)
    assume(document is not None)
    told = locks_out(document, account=US, partition="aws", caller_arn=caller)
    event(f"told: {told is not None}")
    arn = ROLE if caller == SESSION else CALLER
    fixed = {"aws:principalarn": arn, "kms:calleraccount": US, "aws:securetransport": "true", "aws:username": "ann"}
    request = Request(caller, "kms:PutKeyPolicy", context={**context, **fixed})
    assert told or decide(policy, request) == ALLOWED


@PATIENT
@given(policies)
def test_a_policy_that_is_not_called_public_lets_no_stranger_in_that_it_does_not_name(policy):
    document = parsed(policy)
    assume(document is not None and not is_public(document))
    nobody = "999988887777"
    assume(nobody not in external_accounts(document, US))
    stranger = f"arn:aws:iam::{nobody}:user/mallory"
    context = {
        "aws:principalarn": stranger,
        "kms:calleraccount": nobody,
        "aws:securetransport": "true",
        "aws:username": "ann",
    }
    for source in ("192.0.2.1", "8.8.8.8"):
        request = Request(stranger, "kms:Decrypt", context={**context, "aws:sourceip": source})
        assert decide(policy, request) in (SILENT, DENIED)
