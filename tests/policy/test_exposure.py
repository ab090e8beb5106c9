"""Who outside the account a policy lets in."""

import pytest

from reconciler.policy.document import parse_document
from reconciler.policy.exposure import external_accounts, is_public

ACCOUNT = "111122223333"


def document(condition=None, effect="Allow", principal="*", element="Principal"):
    statement = {"Effect": effect, element: principal, "Action": "kms:Decrypt", "Resource": "*"}
    return parse_document({"Statement": {**statement, "Condition": condition or {}}})


def test_the_exposure_of_the_policies_that_aws_documents(documented):
    policy = parse_document(documented["policy"])
    assert is_public(policy) is documented["public"]
    assert external_accounts(policy, ACCOUNT) == set(documented["external"])


@pytest.mark.parametrize(
    "policy",
    [
        document(),
        document(principal={"AWS": ["111122223333", "*"]}),
        document(principal={"AWS": "111122223333"}, element="NotPrincipal"),
    ],
    ids=["everybody", "everybody and one", "everybody but one"],
)
def test_an_allow_to_everybody_is_public(policy):
    assert is_public(policy)


@pytest.mark.parametrize(
    "policy",
    [
        document(effect="Deny"),
        document(principal={"AWS": "444455556666"}),
        document(principal={"Service": "s3.amazonaws.com"}),
    ],
    ids=["a deny", "one account", "a service"],
)
def test_other_statements_are_not_public(policy):
    assert not is_public(policy)


@pytest.mark.parametrize(
    ("said", "public"),
    [
        pytest.param({"Action": "ssm:*"}, False, id="of another service"),
        pytest.param({"Action": ["ssm:*", "kms:Dec*"]}, True, id="of KMS among others"),
        pytest.param({"Action": "*"}, True, id="everything"),
        pytest.param({"NotAction": "kms:Decrypt"}, True, id="everything but one"),
    ],
)
def test_an_allow_to_everybody_is_public_when_it_is_about_actions_on_keys(said, public):
    statement = {"Effect": "Allow", "Principal": "*", "Resource": "*", **said}
    assert is_public(parse_document({"Statement": statement})) is public


NARROW = [
    {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    {"StringEquals": {"AWS:PRINCIPALACCOUNT": [ACCOUNT, "444455556666"]}},
    {"StringLike": {"aws:PrincipalOrgID": "o-example"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-example/r-ab12/*"}},
    {"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE123:*"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
    {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
    {"ArnLike": {"aws:SourceArn": f"arn:aws:logs:*:{ACCOUNT}:*"}},
    {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::example-bucket"}},
    {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32", "203.0.113.7"]}},
]


@pytest.mark.parametrize("condition", NARROW, ids=str)
def test_a_condition_that_names_somebody_narrows_an_allow_to_everybody(condition):
    assert not is_public(document(condition))


WIDE = [
    {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    {"StringNotEquals": {"kms:CallerAccount": ACCOUNT}},
    {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-example"}},
    {"Null": {"aws:PrincipalOrgID": "false"}},
    {"StringLike": {"kms:CallerAccount": "*"}},
    {"StringLike": {"aws:PrincipalOrgID": ["o-example", "o-*"]}},
    {"StringEquals": {"aws:PrincipalArn": "${aws:PrincipalArn}"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*/r-ab12/"}},
    {"StringLike": {"aws:userid": ":*"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}},
    {"StringLike": {"aws:SourceArn": f"arn:aws:logs:*:{ACCOUNT}:*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
    {"ArnLike": {"aws:SourceArn": "*"}},
    {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}},
    {"IpAddress": {"aws:SourceIp": "everywhere"}},
    {"Bool": {"aws:SecureTransport": "true"}},
]


@pytest.mark.parametrize("condition", WIDE, ids=str)
def test_a_condition_that_names_nobody_leaves_an_allow_to_everybody_public(condition):
    assert is_public(document(condition))


def test_accounts_are_found_in_every_kind_of_principal():
    names = ["444455556666", "arn:aws:iam::555566667777:role/x", "arn:aws:sts::666677778888:assumed-role/x/y", ACCOUNT]
    assert external_accounts(document(principal={"AWS": [*names, "AROAEXAMPLEEXAMPLE123"]}), ACCOUNT) == {
        "444455556666",
        "555566667777",
        "666677778888",
    }


def test_accounts_that_a_condition_names_for_everybody_are_let_in():
    condition = {
        "StringEquals": {"kms:CallerAccount": [ACCOUNT, "444455556666"], "aws:PrincipalOrgID": "o-example"},
        "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::555566667777:role/*"]},
        "StringNotEquals": {"aws:PrincipalAccount": "666677778888"},
    }
    assert external_accounts(document(condition), ACCOUNT) == {"444455556666", "555566667777"}


def test_accounts_in_conditions_on_named_principals_and_in_denies_are_not_let_in():
    condition = {"StringEquals": {"kms:CallerAccount": "444455556666"}}
    assert external_accounts(document(condition, principal={"AWS": ACCOUNT}), ACCOUNT) == frozenset()
    assert external_accounts(document(condition, effect="Deny"), ACCOUNT) == frozenset()
    assert external_accounts(document(principal={"Service": "s3.amazonaws.com"}), ACCOUNT) == frozenset()
