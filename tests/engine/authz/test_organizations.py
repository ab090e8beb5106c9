"""Policies of the organisation, on the way of a call.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html and
https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.engine.caller import ServiceCall
from reconciler.engine.identities import Account, FixedIdentities
from reconciler.kit.errors import KmsError
from reconciler.policy.control import parse_control_policy
from reconciler.policy.evaluate import NamedPolicy, parse_identity_policy
from tests.engine.authz.world import lets, outcome
from tests.support.people import ALL_OF_KMS, EVERYTHING, MAIN, OTHER, allow, deny, people, role, user

BOB = f"arn:aws:iam::{MAIN}:user/bob"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
LINKED = f"arn:aws:iam::{MAIN}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
LINKED_SESSION = f"arn:aws:sts::{MAIN}:assumed-role/AWSServiceRoleForX/i-1"
NO_DELETION = deny("kms:ScheduleKeyDeletion")
DENIED = "AccessDeniedException"


def levels(*documents):
    return tuple((NamedPolicy("scp", parse_identity_policy(one)),) for one in documents)


def control(**conditions):
    statement = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": conditions}
    return (NamedPolicy("rcp", parse_control_policy({"Version": "2012-10-17", "Statement": statement})),)


NOT_OURS = {
    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}


@pytest.fixture
def limited(make_world):
    """A world whose account `MAIN` is limited so."""

    def make(**limits):
        everybody = people(
            user(BOB, ALL_OF_KMS),
            user(EVE, EVERYTHING),
            role(LINKED, ALL_OF_KMS),
            organizations={MAIN: "o-ours", OTHER: "o-theirs"},
        ).identities
        accounts: dict[str, Account] = dict(everybody.accounts)
        accounts[MAIN] = replace(accounts[MAIN], **limits)
        world = make_world()
        world.key_before = world.key()
        world.engine._authority._source = FixedIdentities(replace(everybody, accounts=accounts))
        return world

    return make


def message(client, operation, **parameters):
    with pytest.raises(KmsError) as caught:
        client(operation, parameters)
    return caught.value.message


def test_what_a_level_denies_nobody_of_the_account_does(limited):
    world = limited(service_control=levels(EVERYTHING, allow("*"), NO_DELETION | {"Statement": [
        EVERYTHING["Statement"], NO_DELETION["Statement"]]}))  # fmt: skip
    for client in (world.client(BOB), world.client()):
        assert outcome(client, "DescribeKey", KeyId=world.key_before) == "ok"
        assert "with an explicit deny in a service control policy" in message(
            client, "ScheduleKeyDeletion", KeyId=world.key_before
        )


def test_what_one_level_does_not_allow_nobody_of_the_account_does_keys_or_not(limited):
    world = limited(service_control=levels(EVERYTHING, allow("s3:*")))
    for client in (world.client(BOB), world.client()):
        assert message(client, "DescribeKey", KeyId=world.key_before).endswith(
            "because no service control policy allows the kms:DescribeKey action"
        )
        assert outcome(client, "CreateKey") == DENIED
    assert outcome(world.client(LINKED_SESSION), "DescribeKey", KeyId=world.key_before) == "ok"


def test_a_resource_control_policy_keeps_another_organisation_out(limited):
    world = limited(resource_control=control(**NOT_OURS))
    shared = world.key(lets(MAIN, "kms:*"), lets(EVE, "kms:*"))
    assert outcome(world.client(EVE), "DescribeKey", KeyId=shared) == DENIED
    assert outcome(world.client(BOB), "DescribeKey", KeyId=shared) == "ok"
    assert world.reason(world.client(EVE), "DescribeKey", KeyId=shared).name == "DENIED_BY_RESOURCE_CONTROL"


def test_a_resource_control_policy_is_not_about_keys_of_aws(limited):
    world = limited(resource_control=control())
    root = f"arn:aws:iam::{MAIN}:root"
    s3 = world.client(root, service=ServiceCall("s3.amazonaws.com"))
    assert outcome(s3, "GenerateDataKey", KeyId="alias/aws/s3", KeySpec="AES_256") == "ok"
    assert outcome(world.client(), "DescribeKey", KeyId=world.key_before) == DENIED


def test_a_resource_control_policy_is_not_about_who_retires_a_grant(limited):
    world = limited(resource_control=control(StringEquals={"kms:ViaService": "x"}, Null={"aws:PrincipalArn": "false"}))
    made = world.client()("CreateGrant", {
        "KeyId": world.key_before, "GranteePrincipal": BOB, "RetiringPrincipal": BOB, "Operations": ["Decrypt"],
    })  # fmt: skip
    world.engine._authority._source = FixedIdentities(_closed(world.engine._authority.identities()))
    assert outcome(world.client(BOB), "DescribeKey", KeyId=world.key_before) == DENIED
    assert outcome(world.client(BOB), "RetireGrant", GrantToken=made["GrantToken"]) == "ok"


def _closed(identities):
    accounts = dict(identities.accounts)
    accounts[MAIN] = replace(accounts[MAIN], resource_control=control())
    return replace(identities, accounts=accounts)
