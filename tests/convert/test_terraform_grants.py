"""Grants of Terraform, on keys of its own and of others."""

from __future__ import annotations

import pytest

from tests.convert.converted import converted
from tests.convert.states import ARN, EU, resource, state


@pytest.mark.parametrize(
    "constraints",
    [
        [{"encryption_context_equals": {"a": []}}],
        [{"encryption_context_equals": {"a": "1"}}, {"encryption_context_equals": {"b": "1"}}],
        [{"encryption_context_equals": {"a": "${aws:region}"}}],
        [{"encryption_context_equals": {}, "weather": "fine"}],
        ["text"],
    ],
)
def test_a_grant_whose_constraints_are_not_all_known_is_left_out(constraints):
    grant = {"key_id": ARN, "operations": ["Decrypt"], "grantee_principal": ARN, "constraints": constraints}
    found = converted(state(resource("grant", "g", grant)))
    assert found.manifests == ()
    assert any("it would allow more" in remark.why for remark in found.remarks)


def test_a_grant_for_one_source_says_which():
    source = "arn:aws:dynamodb:us-east-1:111122223333:table/cards"
    service = {"grantee_principal": "dynamodb.us-east-1.amazonaws.com"}
    retiring = {"retiring_principal": "dynamodb.us-east-1.amazonaws.com"}
    grant = {"key_id": EU, "operations": ["Decrypt"], **service, **retiring, "constraints": [{"source_arn": source}]}
    spec = converted(state(resource("grant", "g", grant))).named["g"]["spec"]
    assert spec["granteeServicePrincipal"] == spec["retiringServicePrincipal"] == "dynamodb.us-east-1.amazonaws.com"
    assert spec["constraints"] == {"sourceArn": source}


def test_a_grant_on_a_key_of_others_names_it_as_kms_does():
    principals = {"grantee_principal": "arn:aws:iam::111122223333:role/a", "retiring_principal": ""}
    grant = {"key_id": EU, "operations": ["Encrypt", "Decrypt", "Decrypt"], **principals, "retire_on_delete": True}
    found = converted(state(resource("grant", "g", grant)))
    assert found.named["g"]["spec"] == {
        "key": EU,
        "granteePrincipal": "arn:aws:iam::111122223333:role/a",
        "operations": ["Decrypt", "Encrypt"],
    }


def test_a_grant_on_a_key_of_another_account_is_made_from_the_target_of_its_region():
    foreign = ARN.replace("111122223333", "444455556666").replace("1234abcd", "2234abcd")
    grant = {"operations": ["Encrypt"], "grantee_principal": "arn:aws:iam::111122223333:role/a"}
    found = converted(
        state(
            resource("key", "a", {"arn": ARN}),
            resource("key", "b", {"arn": EU}),
            resource("grant", "g", {**grant, "key_id": foreign}),
            resource("grant", "h", {**grant, "key_id": foreign.replace("us-east-1", "eu-central-1")}),
        )
    )
    assert found.named["g"]["spec"]["targetRef"] == {"name": "us-east-1"}
    assert found.named["h"]["spec"]["targetRef"] == {"name": "eu-central-1"}


def test_a_grant_of_a_service_names_the_service():
    grant = {
        "key_id": EU,
        "operations": ["Decrypt"],
        "grantee_principal": "dynamodb.us-east-1.amazonaws.com",
        "retiring_principal": "dynamodb.us-east-1.amazonaws.com",
    }
    assert converted(state(resource("grant", "g", grant))).manifests == ()  # it would need a source ARN
