"""What is recorded of a key is true of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.address import Address, Kind
from reconciler.plan.access.tests import Scene, judged
from reconciler.policy.access import KeyFacts
from reconciler.policy.access.record import Circumstances, record
from reconciler.policy.document import parse_document
from reconciler.policy.evaluate import GrantFacts
from reconciler.report.yaml.access_record import Recorded, render
from tests.manifest.build import desired, manifest

ACCOUNT = "111122223333"
ROLES = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("app", "admin", "path/to/x")]
OTHERS = ["arn:aws:iam::444455556666:root", "444455556666", f"arn:aws:sts::{ACCOUNT}:assumed-role/app/ann"]
PRINCIPALS = st.one_of(
    st.sampled_from([*ROLES, *OTHERS, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ann"]).map(lambda name: {"AWS": name}),
    st.sampled_from(["s3.amazonaws.com", "logs.us-east-1.amazonaws.com"]).map(lambda name: {"Service": name}),
    st.just("*"),
)
ACTIONS = st.lists(
    st.sampled_from(["kms:*", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:Put*"]),
    min_size=1,
    max_size=2,
)
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringLike", "ForAnyValue:StringEquals", "StringNotEquals", "Null"]),
    st.dictionaries(
        st.sampled_from([
            "kms:ViaService", "kms:EncryptionContext:tenant", "kms:CallerAccount", "aws:SourceAccount",
            "aws:PrincipalArn", "kms:GrantIsForAWSResource", "kms:EncryptionContextKeys",
        ]),
        st.sampled_from(["s3.us-east-1.amazonaws.com", "a, b: {c}", ACCOUNT, ROLES[0], "true", "é a, b", "*"]),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)  # fmt: skip
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        "Principal": PRINCIPALS,
        "Action": ACTIONS,
        "Resource": st.just("*"),
    },
    optional={"Condition": CONDITIONS},
)
GRANTS = st.builds(
    GrantFacts,
    st.just("g-1"),
    st.sampled_from([*ROLES, OTHERS[0]]),
    st.frozensets(st.sampled_from(["Decrypt", "Encrypt", "CreateGrant", "RetireGrant"]), min_size=1),
    st.none() | st.just({"tenant": "blue"}),
    st.none() | st.just({"tenant": "red", "Other": "é😀\u2028"}),
)


def facts(*statements, grants=()):
    policy = parse_document(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    return KeyFacts(arn, ACCOUNT, "aws", "us-east-1", policy, tuple(grants))


def allow(principal, *actions, **condition):
    made = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}
    return {**made, "Condition": condition["Condition"]} if condition else made


def shown(key):
    return render(Recorded("Key/db", "db", declared=True, account=ACCOUNT, partition="aws", record=record(key)))


@settings(max_examples=15, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=4), st.lists(GRANTS, max_size=2))
def test_what_is_recorded_of_any_key_is_a_sound_manifest_that_passes(statements, grants):
    key = facts(*statements, grants=grants)
    state = desired(manifest("Key", "db", "{}") + "---\n" + shown(key))
    assert state.tests
    assert judged(state.tests, Scene({Address(Kind.KEY, "db"): key})) == ()


def test_what_no_manifest_can_say_is_left_out():
    mine = {"Condition": {"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}}}
    policy = parse_document({"Version": "2008-10-17", "Statement": allow({"AWS": ROLES[0]}, "kms:Decrypt", **mine)})
    key = facts(allow({"AWS": ROLES[0]}, "kms:Encrypt"))
    assert desired(manifest("Key", "db", "{}") + "---\n" + shown(replace(key, policy=policy))).tests


def test_what_is_recorded_fails_once_somebody_gets_or_loses_access():
    before = facts(allow({"AWS": ROLES[0]}, "kms:Decrypt"))
    state = desired(manifest("Key", "db", "{}") + "---\n" + shown(before))
    for after in (facts(allow({"AWS": ROLES[0]}, "kms:*")), facts(allow({"AWS": ROLES[1]}, "kms:Decrypt")),
                  facts(allow({"AWS": ROLES[0]}, "kms:Decrypt"), allow("*", "kms:Encrypt"))):  # fmt: skip
        assert judged(state.tests, Scene({Address(Kind.KEY, "db"): after}))


@pytest.mark.parametrize(
    ("condition", "circumstances"),
    [
        pytest.param(
            {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, Circumstances(via="s3"), id="a service"
        ),
        pytest.param(
            {"StringEquals": {"kms:EncryptionContext:Tenant": "blue"}},
            Circumstances((("Tenant", "blue"),)),
            id="an encryption context",
        ),
        pytest.param(
            {
                "ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "Tenant"},
                "StringEquals": {"kms:EncryptionContext:Tenant": "blue"},
            },
            Circumstances((("Tenant", "blue"),)),
            id="an encryption context, and the names in it",
        ),
        pytest.param(
            {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            Circumstances(facts=(("aws:sourceip", "10.0.0.0"),)),
            id="an address",
        ),
        pytest.param(
            {"StringEqualsIfExists": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}, "Bool": {"aws:SecureTransport": "true"}},
            None,
            id="what need not be there",
        ),
        pytest.param({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, None, id="no value to take"),
        pytest.param({"StringLike": {"kms:EncryptionContext:t": "${aws:username}"}}, None, id="a variable"),
    ],
)
def test_what_is_allowed_under_conditions_is_recorded_with_a_request_that_meets_them(condition, circumstances):
    found = record(facts(allow({"AWS": ROLES[0]}, "kms:Decrypt", Condition=condition)))
    conditional = {line.circumstances for line in found.allowed if ROLES[0] in line.principals}
    bare = "IfExists" in str(condition)
    assert conditional == ({Circumstances()} if bare else {circumstances} if circumstances else set())


def test_what_iam_decides_is_neither_and_is_told():
    found = record(facts(allow({"AWS": ACCOUNT}, "kms:*"), allow({"AWS": ROLES[0]}, "kms:Decrypt")))
    (left,) = found.left
    assert left.principals == (ROLES[0],)
    assert "kms:Decrypt" not in left.actions
    text = shown(facts(allow({"AWS": ACCOUNT}, "kms:*"), allow({"AWS": ROLES[0]}, "kms:Decrypt")))
    assert "# Left to IAM policies, so neither allowed nor denied: role/app: CancelKeyDeletion," in text
