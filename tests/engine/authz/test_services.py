"""AWS services: for the principal that called them, and for themselves.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html and, against confused deputies,
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

import pytest

from reconciler.engine.caller import ServiceCall
from reconciler.policy.evaluate import Reason
from tests.engine.authz.world import lets, outcome
from tests.support.people import ALL_OF_KMS, MAIN, OTHER, user

BOB = f"arn:aws:iam::{MAIN}:user/bob"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
DELEGATES = lets(MAIN, "kms:*")
S3 = ServiceCall("s3.amazonaws.com")
EC2 = ServiceCall("ec2.amazonaws.com")
LOGS = "logs.us-east-1.amazonaws.com"
GROUP = f"arn:aws:logs:us-east-1:{MAIN}:log-group:app"
REFUSED = "AccessDeniedException"
DATA_KEY = {"KeySpec": "AES_256"}


def test_a_key_can_be_kept_to_what_comes_through_one_service(make_world):
    through_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": MAIN}}
    world = make_world(user(BOB), user(EVE, ALL_OF_KMS))
    key = world.key(DELEGATES, lets("*", "kms:GenerateDataKey*", **through_s3))
    given = {"KeyId": key, **DATA_KEY}
    assert outcome(world.client(BOB, service=S3), "GenerateDataKey", **given) == "ok"
    assert outcome(world.client(BOB, service=EC2), "GenerateDataKey", **given) == REFUSED
    assert outcome(world.client(BOB), "GenerateDataKey", **given) == REFUSED
    assert outcome(world.client(EVE, service=S3), "GenerateDataKey", **given) == REFUSED


def test_a_service_may_for_a_principal_what_the_principal_may_and_no_more(make_world):
    world = make_world(user(BOB), user(EVE, ALL_OF_KMS))
    key = world.key()
    assert outcome(world.client(service=S3, principal=f"arn:aws:iam::{MAIN}:root"), "DescribeKey", KeyId=key) == "ok"
    assert outcome(world.client(BOB, service=S3), "DescribeKey", KeyId=key) == REFUSED


def service_lets(service, *actions, **conditions):
    return lets({"Service": service}, *actions, **conditions)


FOR_GROUP = {"ArnLike": {"aws:SourceArn": GROUP}}
# case: conditions of the statement, the call, whether it is allowed
FOR_ITSELF = {
    "the resource that is named": (FOR_GROUP, ServiceCall(LOGS, GROUP, MAIN), True),
    "another resource": (FOR_GROUP, ServiceCall(LOGS, f"{GROUP}2", MAIN), False),
    "no resource": (FOR_GROUP, ServiceCall(LOGS), False),
    "the account that is named": ({"StringEquals": {"aws:SourceAccount": MAIN}}, ServiceCall(LOGS, None, MAIN), True),
    "another account": ({"StringEquals": {"aws:SourceAccount": MAIN}}, ServiceCall(LOGS, None, OTHER), False),
    "another service": ({}, ServiceCall("logs.eu-west-1.amazonaws.com", GROUP, MAIN), False),
    "the service, whatever the resource": ({}, ServiceCall(LOGS), True),
}


@pytest.mark.parametrize("case", FOR_ITSELF)
def test_a_service_that_calls_for_itself_is_let_in_by_the_key_policy_alone(make_world, case):
    conditions, call, allowed = FOR_ITSELF[case]
    world = make_world()
    key = world.key(DELEGATES, service_lets(LOGS, "kms:Encrypt", "kms:GenerateDataKey*", **conditions))
    verdict = outcome(world.client(service=call), "GenerateDataKey", KeyId=key, **DATA_KEY)
    assert verdict == ("ok" if allowed else REFUSED)


def test_a_service_that_nobody_names_is_refused_and_delegation_to_iam_does_not_help_it(make_world):
    world = make_world()
    asked = world.asked(world.client(service=S3), "GenerateDataKey", KeyId=world.key(), **DATA_KEY)
    assert asked.decision.reason is Reason.NOT_ALLOWED_BY_KEY_POLICY


def test_a_service_creates_no_keys_by_itself(make_world):
    assert outcome(make_world().client(service=S3), "CreateKey") == REFUSED


def test_the_record_names_the_service(make_world):
    world = make_world()
    key = world.key(DELEGATES, service_lets(LOGS, "kms:DescribeKey"))
    world.client(service=ServiceCall(LOGS, GROUP, MAIN))("DescribeKey", {"KeyId": key})
    (event,) = world.engine.events(name="DescribeKey")
    assert event["userIdentity"] == {"type": "AWSService", "invokedBy": LOGS}


GRANTS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.mark.parametrize(("service", "verdict"), [(EC2, "ok"), (None, REFUSED)], ids=["through a service", "by itself"])
def test_grants_for_resources_of_aws_are_made_through_a_service_only(make_world, service, verdict):
    world = make_world(user(BOB))
    key = world.key(DELEGATES, lets(BOB, "kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant", **GRANTS))
    client = world.client(BOB, service=service)
    root = world.client()
    given = {"KeyId": key, "GranteePrincipal": BOB, "Operations": ["Decrypt"]}
    made = root("CreateGrant", given)["GrantId"]
    assert outcome(client, "CreateGrant", **given) == verdict
    assert outcome(client, "ListGrants", KeyId=key) == verdict
    assert outcome(client, "RevokeGrant", KeyId=key, GrantId=made) == verdict


def test_a_service_lists_its_own_grants_and_nobody_elses(make_world):
    world = make_world()
    key = world.key(DELEGATES, service_lets(LOGS, "kms:ListGrants"))
    for service in (LOGS, "s3.amazonaws.com"):
        world.client()(
            "CreateGrant",
            {
                "KeyId": key,
                "GranteeServicePrincipal": service,
                "RetiringServicePrincipal": service,
                "Operations": ["Decrypt"],
                "Constraints": {"SourceArn": GROUP},
            },
        )
    logs = world.client(service=ServiceCall(LOGS, GROUP, MAIN))
    (entry,) = logs("ListGrants", {"KeyId": key, "GranteeServicePrincipal": LOGS})["Grants"]
    assert entry["GranteeServicePrincipal"] == LOGS
    assert logs("ListRetirableGrants", {"RetiringServicePrincipal": LOGS})["Grants"] == [entry]
    assert outcome(logs, "ListRetirableGrants", RetiringServicePrincipal="s3.amazonaws.com") == REFUSED
    assert outcome(world.client(), "ListGrants", KeyId=key, GranteeServicePrincipal=LOGS) == REFUSED
    assert outcome(world.client(), "ListRetirableGrants", RetiringServicePrincipal=LOGS) == REFUSED


def test_a_service_uses_and_retires_a_grant_for_the_resource_that_it_is_for(make_world):
    world = make_world()
    key = world.key()
    given = {
        "KeyId": key,
        "GranteeServicePrincipal": LOGS,
        "RetiringServicePrincipal": LOGS,
        "Operations": ["GenerateDataKey"],
        "Constraints": {"SourceArn": GROUP},
    }
    token = world.client()("CreateGrant", given)["GrantToken"]
    logs, other = (world.client(service=ServiceCall(LOGS, arn, MAIN)) for arn in (GROUP, f"{GROUP}2"))
    assert outcome(logs, "GenerateDataKey", KeyId=key, **DATA_KEY) == "ok"
    assert outcome(other, "GenerateDataKey", KeyId=key, **DATA_KEY) == REFUSED
    assert outcome(logs, "RetireGrant", GrantToken=token) == "ok"
    assert outcome(logs, "GenerateDataKey", KeyId=key, **DATA_KEY) == REFUSED
