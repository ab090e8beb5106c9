"""What `access` answers is what the bundled KMS does: the same question and a real call, for random keys and people."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.caller import ServiceCall
from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsError
from reconciler.policy.access import Ask, KeyFacts, Standing, can, who
from reconciler.policy.document import parse_document
from reconciler.policy.evaluate import GrantFacts
from reconciler.workflow.access.iam import of_declared
from tests.policy.access.test_agreement import statements
from tests.policy.access.world import ACCOUNT, ADMIN, APP, BOB, OTHER, STRANGER
from tests.support.people import ALL_OF_KMS, allow, deny, people, role, user

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
S3 = "s3.amazonaws.com"
SOURCE = people(
    user(ALICE, ALL_OF_KMS, deny("kms:GetKeyPolicy")),
    user(BOB),
    role(ADMIN, ALL_OF_KMS, boundary=allow("kms:Encrypt", "kms:DescribeKey")),
    role(APP, allow("kms:Encrypt", "kms:CreateGrant", resource="arn:aws:kms:*:*:key/*")),
    user(f"arn:aws:iam::{OTHER}:user/eve"),
    role(STRANGER, ALL_OF_KMS),
)
IDENTITIES = of_declared(SOURCE.current())
SESSIONS = {
    ADMIN: f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/x",
    APP: f"arn:aws:sts::{ACCOUNT}:assumed-role/App/x",
    STRANGER: f"arn:aws:sts::{OTHER}:assumed-role/Stranger/x",
}
"""Nobody calls as a role, but as a session of one."""
CALLS = {
    "kms:DescribeKey": ("DescribeKey", {}),
    "kms:Encrypt": ("Encrypt", {"Plaintext": b"x"}),
    "kms:GenerateDataKey": ("GenerateDataKey", {"KeySpec": "AES_256"}),
    "kms:GetKeyPolicy": ("GetKeyPolicy", {}),
    "kms:ListGrants": ("ListGrants", {}),
}
WITH_CONTEXT = {"kms:Encrypt", "kms:GenerateDataKey"}
CALLERS = (ALICE, BOB, *SESSIONS.values(), f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{OTHER}:root", S3)
grants = st.lists(
    st.tuples(
        st.sampled_from([ADMIN, APP, BOB, STRANGER]),
        st.sampled_from([["Encrypt", "GenerateDataKey"], ["DescribeKey", "Encrypt"]]),
        st.sampled_from([{}, {"EncryptionContextSubset": {"app": "a"}}, {"EncryptionContextEquals": {"app": "a"}}]),
    ),
    max_size=2,
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Engine.open(tmp_path_factory.mktemp("kms"), identities=SOURCE) as opened:
        yield opened


def make_key(engine, listed, granted, tags) -> KeyFacts:
    """A key of the engine, and what decides access to it."""
    root = engine.client(account=ACCOUNT)
    arn = root("CreateKey", {"Tags": [{"TagKey": name, "TagValue": value} for name, value in tags.items()]})
    arn = arn["KeyMetadata"]["Arn"]
    facts = []
    for grantee, operations, constraints in granted:
        asked = {"KeyId": arn, "GranteePrincipal": grantee, "Operations": operations, "Constraints": constraints}
        made = root("CreateGrant", asked)
        equals, subset = (constraints.get(f"EncryptionContext{kind}") for kind in ("Equals", "Subset"))
        facts.append(GrantFacts(made["GrantId"], grantee, frozenset(operations), equals, subset))
    policy = {"Version": "2012-10-17", "Statement": listed}
    root("PutKeyPolicy", {"KeyId": arn, "Policy": json.dumps(policy), "BypassPolicyLockoutSafetyCheck": True})
    return KeyFacts(arn, ACCOUNT, "aws", "us-east-1", parse_document(policy), tuple(facts), tags=tags)


def really(engine, key: KeyFacts, ask: Ask) -> bool:
    """Whether the engine lets the call through."""
    service = ServiceCall(f"{ask.via}.amazonaws.com") if ask.via else None
    if ask.principal == S3:
        client = engine.client(service=ServiceCall(S3))
    else:
        client = engine.client(account=ask.principal.split(":")[4], principal=ask.principal, service=service)
    operation, parameters = CALLS[ask.action]
    context = {"EncryptionContext": dict(ask.context)} if ask.context else {}
    try:
        client(operation, {"KeyId": key.arn, **parameters, **context})
    except KmsError as error:
        assert error.code == "AccessDeniedException"
        return False
    return True


def answer(key: KeyFacts, ask: Ask):
    return can(key, IDENTITIES.informed(ask), IDENTITIES.policies_of(ask.principal))


@settings(deadline=None, max_examples=30)
@given(
    statements,
    grants,
    st.sampled_from([{}, {"Env": "prod"}]),
    st.sampled_from([{}, {"app": "a"}, {"app": "a", "b": "c"}]),
    st.sampled_from([None, "s3"]),
)
def test_the_answer_to_a_question_is_what_a_real_call_is_told(engine, listed, granted, tags, context, via):
    key = make_key(engine, listed, granted, tags)
    for action in CALLS:
        for caller in CALLERS:
            through = via if caller != S3 else None
            ask = Ask(caller, action, context=context if action in WITH_CONTEXT else {}, via=through)
            found = answer(key, ask)
            assert (found.standing is Standing.ALLOWED) == really(engine, key, ask), (ask, found.reason, found.trace)


@settings(deadline=None, max_examples=30)
@given(statements, grants, st.sampled_from([{}, {"Env": "prod"}]))
def test_whoever_is_listed_without_conditions_is_let_in_and_nobody_else_is_without_any(engine, listed, granted, tags):
    key = make_key(engine, listed, granted, tags)
    entries = {(one.principal, one.action): one for one in who(key, CALLS, IDENTITIES)}
    for action in CALLS:
        for person in (ALICE, BOB, *SESSIONS):
            entry = entries.get((person, action))
            let_in = really(engine, key, Ask(SESSIONS.get(person, person), action))
            if entry is None or entry.standing is Standing.DENIED:
                assert not let_in
            elif not entry.ways[0].conditions and not entry.unless:
                assert let_in
