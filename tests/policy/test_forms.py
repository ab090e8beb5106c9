"""Key policies, identity policies, trust policies: which elements their statements have, how long they can be."""

from __future__ import annotations

import pytest

from reconciler.policy.document import (
    parse_attached_policy,
    parse_document,
    parse_identity_policy,
    parse_text,
    parse_trust_policy,
)
from reconciler.policy.faults import InvalidPolicy

SERVICE = {"Principal": {"Service": "ec2.amazonaws.com"}}
SAID = {"Effect": "Allow", "Action": "sts:AssumeRole"}
RESOURCE = {"Resource": "*"}


def of(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("parse", "statement"),
    [
        (parse_document, SAID | SERVICE | RESOURCE),
        (parse_identity_policy, SAID | RESOURCE),
        (parse_trust_policy, SAID | SERVICE),
    ],
)
def test_each_form_of_policy_has_its_own_elements(parse, statement):
    (read,) = parse(of(statement)).statements
    assert read.actions == ("sts:AssumeRole",)
    assert bool(read.principals) is ("Principal" in statement)
    assert bool(read.resources) is ("Resource" in statement)


@pytest.mark.parametrize(
    ("parse", "statement", "fault"),
    [
        (parse_document, SAID | SERVICE, "Statement[0]: the statement has no Resource"),
        (parse_document, SAID | RESOURCE, "Statement[0]: the statement has no Principal"),
        (parse_identity_policy, SAID, "Statement[0]: the statement has no Resource"),
        (parse_identity_policy, SAID | SERVICE | RESOURCE,
         "Statement[0].Principal: a statement of this identity policy has no Principal"),
        (parse_identity_policy, SAID | RESOURCE | {"NotPrincipal": "*"},
         "Statement[0].NotPrincipal: a statement of this identity policy has no NotPrincipal"),
        (parse_trust_policy, SAID, "Statement[0]: the statement has no Principal"),
        (parse_trust_policy, SAID | SERVICE | RESOURCE,
         "Statement[0].Resource: a statement of this trust policy has no Resource"),
    ],
)  # fmt: skip
def test_an_element_of_another_form_is_a_fault(parse, statement, fault):
    with pytest.raises(InvalidPolicy) as caught:
        parse(of(statement))
    assert [str(one) for one in caught.value.faults] == [fault]


def test_one_statement_is_read_anew_for_each_form():
    with pytest.raises(InvalidPolicy):
        parse_document(of(SAID | RESOURCE))
    assert parse_identity_policy(of(SAID | RESOURCE)).statements
    with pytest.raises(InvalidPolicy):
        parse_document(of(SAID | RESOURCE))


@pytest.mark.parametrize(
    ("parse", "statement", "told"),
    [
        (parse_document, SAID | SERVICE | RESOURCE, "a key policy at most 32,768"),
        (parse_identity_policy, SAID | RESOURCE, "an identity policy at most 10,240"),
        (parse_trust_policy, SAID | SERVICE, "a trust policy at most 8,192"),
    ],
)
def test_each_form_has_its_own_limit(parse, statement, told):
    with pytest.raises(InvalidPolicy) as caught:
        parse(of({**statement, "Sid": "x" * 40_000}))
    assert told in caught.value.faults[0].what


def test_a_policy_that_aws_wrote_may_be_longer_than_anybody_elses():
    long = of({"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::bucket-{one}" for one in range(900)]})
    assert len(parse_attached_policy(long).statements[0].resources) == 900
    with pytest.raises(InvalidPolicy):
        parse_identity_policy(long)


def test_a_text_is_read_once_for_all_who_ask():
    text = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}}'
    assert parse_text(text) is parse_text(text)
