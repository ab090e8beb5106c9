"""The tables: what AWS's pages say of one request each."""

from __future__ import annotations

import pytest

from reconciler.policy.document import parse_document, parse_identity_policy
from reconciler.policy.evaluate import IdentityPolicies, NamedPolicy, Requester, prepare
from tests.policy.evaluate.cases import (
    crossaccount,
    elements,
    grants,
    kmskeys,
    limits,
    logic,
    operators,
    organizations,
    principals,
    variables,
)
from tests.policy.evaluate.world import ALICE, BOB, DELEGATE, KEY, US, Case, allow, deny

TABLES = (logic, principals, limits, organizations, crossaccount, grants, elements, kmskeys)
CASES = [case for table in TABLES for case in table.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_request_is_decided_as_the_page_says(case: Case):
    decision = case.decide()
    assert (decision.allowed, decision.reason) == (case.allowed, case.expect)


def test_there_are_more_than_two_hundred_cases_each_with_a_name_of_its_own_and_a_page_of_aws():
    names = [(table.__name__, case.name) for table in TABLES for case in table.CASES]
    assert len(set(names)) == len(names) > 200
    pages = [case.page for case in CASES] + [
        row[0] for row in (*operators.HOLDS, *operators.UNREADABLE, *variables.CASES)
    ]
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in pages)


def _both(condition, facts, *, version="2012-10-17"):
    """Whether `condition` holds in an Allow, and in a Deny."""
    key = {"key_account": US, "identity": IdentityPolicies()}
    policies = ([allow(ALICE, Condition=condition)], [allow(ALICE), deny("*", Condition=condition)])
    documents = [parse_document({"Version": version, "Statement": said}) for said in policies]
    told = [prepare(Requester.of(ALICE), "kms:Decrypt", KEY, key_policy=one, **key).decide(facts) for one in documents]
    return told[0].allowed, not told[1].allowed


@pytest.mark.parametrize(("page", "operator", "values", "given", "holds"), operators.HOLDS)
def test_an_operator_compares_as_the_page_says(page, operator, values, given, holds):
    facts = {"kms:test": given} if given else {}
    assert _both({operator: {"kms:Test": values}}, facts) == (holds, holds)
    if len(values) == 1:
        assert _both({operator: {"KMS:test": values[0]}}, facts) == (holds, holds)


@pytest.mark.parametrize(("page", "operator", "values", "given"), operators.UNREADABLE)
def test_what_nobody_can_compare_neither_allows_nor_spares(page, operator, values, given):
    assert _both({operator: {"kms:Test": values}}, {"kms:test": given}) == (False, True)


@pytest.mark.parametrize("row", variables.CASES, ids=str)
def test_a_policy_variable_stands_for_what_the_page_says(row):
    _, version, operator, value, given, more, holds = row
    facts = {"kms:test": (given,), **more}
    assert _both({operator: {"kms:Test": value}}, facts, version=version) == (holds, holds)


@pytest.mark.parametrize(
    ("resource", "facts", "allowed"),
    [
        (
            f"arn:aws:kms:us-east-1:{US}:key/${{aws:PrincipalTag/key}}",
            {"aws:principaltag/key": (KEY.split("/")[1],)},
            True,
        ),
        (f"arn:aws:kms:us-east-1:{US}:key/${{aws:PrincipalTag/key}}", {"aws:principaltag/key": ("other",)}, False),
        (f"arn:aws:kms:us-east-1:{US}:key/${{aws:PrincipalTag/key}}", {}, False),
        (f"arn:aws:kms:us-east-1:{US}:key/${{aws:PrincipalTag/key}}*", {"aws:principaltag/key": ("1234abcd",)}, True),
    ],
)
def test_a_resource_may_have_a_variable(resource, facts, allowed):
    policy = parse_identity_policy({"Version": "2012-10-17", "Statement": [allow(None, Resource=resource)]})
    identity = IdentityPolicies((NamedPolicy("own", policy),))
    document = parse_document({"Version": "2012-10-17", "Statement": [DELEGATE]})
    prepared = prepare(Requester.of(BOB), "kms:Decrypt", KEY, key_account=US, key_policy=document, identity=identity)
    assert prepared.settled is None
    assert prepared.needs == {"aws:principaltag/key"}
    assert prepared.decide(facts).allowed is allowed


@pytest.mark.parametrize("element", ["Resource", "NotResource"])
def test_a_resource_that_cannot_be_read_neither_allows_nor_spares(element):
    bad = {element: "arn:aws:kms:*:*:key/${"}
    for said, allowed in (([allow(ALICE, **bad)], False), ([allow(ALICE), deny("*", **bad)], False)):
        document = parse_document({"Version": "2012-10-17", "Statement": said})
        prepared = prepare(Requester.of(ALICE), "kms:Decrypt", KEY, key_account=US, key_policy=document, identity=None)
        assert prepared.decide().allowed is allowed
