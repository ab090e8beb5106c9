"""What holds of every policy."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.lint import Severity, lint
from reconciler.model.keyspec import KeySpec, KeyUsage
from reconciler.policy.access import Ask, KeyFacts, Standing, can
from reconciler.policy.document import parse_document, to_text
from reconciler.policy.evaluate import IdentityPolicies
from reconciler.policy.meaning import witness
from reconciler.policy.naming import KeyPlace
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.roles import Roles, compile_roles
from tests.lint.build import ACCOUNT, ARN, DEPLOYER, policy, subject
from tests.policy.evaluate.strategies import policies
from tests.policy.presets.scenarios import scenarios

PLACE = KeyPlace(ACCOUNT.account_id, ACCOUNT.partition, ACCOUNT.region)
KINDS = [
    (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT),
    (KeySpec.RSA_4096, KeyUsage.ENCRYPT_DECRYPT),
    (KeySpec.RSA_3072, KeyUsage.SIGN_VERIFY),
    (KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY),
    (KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT),
    (KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC),
    (KeySpec.ML_DSA_65, KeyUsage.SIGN_VERIFY),
    (KeySpec.ML_KEM_768, KeyUsage.ENCAPSULATE_DECAPSULATE),
]


def told(*subjects):
    """Ids of what is more than a note."""
    return {one.check.id for one in lint(subjects) if one.severity is not Severity.NOTE}


def listed(document):
    """The statements of a document in JSON values."""
    statements = document["Statement"]
    return statements if isinstance(statements, list) else [statements]


def people(*names):
    return st.lists(st.sampled_from([*names, ACCOUNT.account_id]), max_size=3).map(tuple)


roles = st.builds(
    Roles,
    administrators=people("role/admin", "role/sec/ops", "user/root-of-all"),
    users=people("role/app", "role/x/batch", "user/alice"),
    read_only=people("role/audit", "role/app"),
    grantors=people("role/app", "role/infra"),
    accounts=st.lists(st.sampled_from(["444455556666", "555566667777"]), max_size=2).map(tuple),
    delegate_to_iam=st.just(True),
)


@settings(deadline=None, max_examples=60)
@given(roles, st.sampled_from(KINDS))
def test_roles_compile_to_policies_that_pass(given_roles, kind):
    spec, usage = kind
    document = compile_roles(given_roles, key=KeyTraits(str(usage), str(spec)), place=PLACE).document
    assert told(subject(key_spec=spec, key_usage=usage, policy=to_text(document))) == set()


@pytest.mark.parametrize("scenario", [*scenarios()], ids=lambda one: f"{one.service}: {one.name}")
def test_the_statements_for_services_pass(scenario):
    entry = {"service": scenario.service, **scenario.options}
    key = KeyTraits("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
    document = compile_roles(Roles(services=(entry,)), key=key, place=PLACE).document
    assert told(subject(policy=to_text(document))) == set()


@settings(deadline=None, max_examples=60)
@given(policies())
def test_the_order_of_statements_does_not_matter(document):
    there = subject(policy=json.dumps(document))
    back = subject(policy=json.dumps({**document, "Statement": listed(document)[::-1]}))
    ids = sorted(one.check.id for one in lint([there]))
    assert sorted(one.check.id for one in lint([back])) == ids


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ELEMENTS = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "Condition"]
statements = st.dictionaries(st.sampled_from(ELEMENTS), json_values | st.sampled_from(["*", "Allow", "kms:*"]))


@settings(deadline=None, max_examples=80)
@given(
    st.text(max_size=60) | json_values.map(json.dumps) | st.lists(statements | json_values).map(lambda s: policy(*s))
)
def test_no_text_is_too_strange(text):
    lint([subject(policy=text)])


@settings(deadline=None, max_examples=40)
@given(policies(), st.sampled_from(["kms:Decrypt", "kms:Sign", "kms:DescribeKey"]))
def test_one_more_public_statement_is_always_found(document, action):
    public = {"Sid": "P", "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    statements = [{**one, "Sid": f"S{index}"} for index, one in enumerate([*listed(document), public])]
    assert "KC201" in told(subject(policy=json.dumps({**document, "Statement": statements})))


@settings(deadline=None, max_examples=60)
@given(policies(), st.sampled_from(["kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"]))
def test_whatever_lets_in_a_stranger_that_it_does_not_name_is_found(document, action):
    text = json.dumps(document)
    key = KeyFacts(ARN, ACCOUNT.account_id, "aws", "us-east-1", parse_document(text))
    stranger = Ask("arn:aws:iam::999999999999:role/stranger", action)
    if can(key, stranger, IdentityPolicies(unrestricted=True)).standing is Standing.ALLOWED:
        assert told(subject(policy=text)) & {"KC201", "KC202"}


@settings(deadline=None, max_examples=60)
@given(policies())
def test_whoever_is_not_told_to_be_locked_out_is_not(document):
    text = json.dumps(document)
    if not told(subject(policy=text, caller=DEPLOYER)) & {"KC203", "KC204"}:
        key = KeyFacts(ARN, ACCOUNT.account_id, "aws", "us-east-1", parse_document(text))
        asked = Ask(DEPLOYER, "kms:PutKeyPolicy")
        assert can(key, asked, IdentityPolicies(unrestricted=True)).standing is Standing.ALLOWED


@settings(deadline=None, max_examples=40)
@given(policies())
def test_what_is_said_to_change_nothing_changes_nothing(document):
    text = json.dumps(document)
    whole = parse_document(text)
    for found in lint([subject(policy=text)]):
        if found.check.id in ("KC131", "KC132"):
            (_, index) = found.path
            rest = replace(whole, statements=whole.statements[:index] + whole.statements[index + 1 :])
            assert witness(rest, whole, account=ACCOUNT.account_id, partition="aws") is None
