"""The lockout safety check, and principals that do not exist.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
"""

from __future__ import annotations

import pytest

from tests.engine.authz.world import forbids, lets, outcome, policy_text
from tests.support.people import ALL_OF_KMS, MAIN, OTHER, role, user

BOB = f"arn:aws:iam::{MAIN}:user/bob"
APP = f"arn:aws:iam::{MAIN}:role/service/app"
SESSION = f"arn:aws:sts::{MAIN}:assumed-role/app/one"
ROOT = f"arn:aws:iam::{MAIN}:root"
DELEGATES = lets(MAIN, "kms:*")
MALFORMED = "MalformedPolicyDocumentException"
PUT = "kms:PutKeyPolicy"

# case: the new policy, who puts it, verdict
POLICIES = {
    "it delegates to IAM": ([DELEGATES], BOB, "ok"),
    "it names the caller": ([lets(BOB, PUT)], BOB, "ok"),
    "it names the caller's role": ([lets(APP, PUT)], SESSION, "ok"),
    "it names somebody else": ([lets(APP, PUT)], BOB, MALFORMED),
    "it lets the caller do other things": ([lets(BOB, "kms:Encrypt")], BOB, MALFORMED),
    "it denies the caller": ([DELEGATES, forbids(BOB, PUT)], BOB, MALFORMED),
    "it denies everybody": ([DELEGATES, forbids("*", "kms:*")], ROOT, MALFORMED),
    "a condition that the caller meets": (
        [lets("*", PUT, StringEquals={"kms:CallerAccount": MAIN})],
        BOB,
        "ok",
    ),
    "a condition that the caller does not meet": (
        [lets("*", PUT, StringEquals={"aws:PrincipalArn": APP})],
        BOB,
        MALFORMED,
    ),
    "a deny whose condition spares the caller": (
        [DELEGATES, forbids("*", PUT, StringNotEquals={"aws:PrincipalArn": BOB})],
        BOB,
        "ok",
    ),
}


@pytest.fixture
def world(make_world):
    return make_world(user(BOB, ALL_OF_KMS), role(APP, ALL_OF_KMS))


@pytest.mark.parametrize("case", POLICIES)
def test_a_policy_that_locks_its_author_out_is_refused(world, case):
    statements, principal, verdict = POLICIES[case]
    key, client, text = world.key(MultiRegion=True), world.client(principal), policy_text(*statements)
    assert outcome(client, "CreateKey", Policy=text) == verdict
    assert outcome(client, "ReplicateKey", KeyId=key, ReplicaRegion="eu-west-1", Policy=text) == verdict
    assert outcome(client, "PutKeyPolicy", KeyId=key, Policy=text) == verdict


@pytest.mark.parametrize("case", [name for name, case in POLICIES.items() if case[2] == MALFORMED])
def test_the_check_can_be_bypassed(world, case):
    statements, principal, _ = POLICIES[case]
    given = {"Policy": policy_text(*statements), "BypassPolicyLockoutSafetyCheck": True}
    client = world.client(principal)
    assert outcome(client, "CreateKey", **given) == "ok"
    assert outcome(client, "PutKeyPolicy", KeyId=world.key(), **given) == "ok"


def test_aws_says_what_would_happen(world):
    call = world.asked(world.client(BOB), "CreateKey", Policy=policy_text(lets(APP, PUT)))
    assert call.result["refused"].message == (
        "The new key policy will not allow you to update the key policy in the future."
    )


def test_who_locks_himself_out_is_out(world):
    key = world.key()
    root = world.client()
    root(
        "PutKeyPolicy",
        {"KeyId": key, "Policy": policy_text(lets(BOB, "kms:*")), "BypassPolicyLockoutSafetyCheck": True},
    )
    assert outcome(root, "GetKeyPolicy", KeyId=key) == "AccessDeniedException"
    assert outcome(world.client(BOB), "PutKeyPolicy", KeyId=key, Policy=policy_text(DELEGATES)) == "ok"
    assert outcome(root, "GetKeyPolicy", KeyId=key) == "ok"


# principal of a statement: whether it exists
PRINCIPALS = {
    BOB: True,
    APP: True,
    SESSION: True,
    ROOT: True,
    MAIN: True,
    f"arn:aws:iam::{MAIN}:user/eve": False,
    f"arn:aws:iam::{MAIN}:user/path/bob": False,
    f"arn:aws:iam::{MAIN}:role/app": False,
    f"arn:aws:sts::{MAIN}:assumed-role/other/one": False,
    f"arn:aws:sts::{MAIN}:federated-user/carol": True,
    f"arn:aws:iam::{OTHER}:user/whoever": True,
    "AIDAEXAMPLE1234567890": False,
}


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_a_principal_that_does_not_exist_makes_a_policy_invalid(world, principal):
    text = policy_text(DELEGATES, lets(principal, "kms:Encrypt"))
    exists = PRINCIPALS[principal]
    assert outcome(world.client(), "CreateKey", Policy=text) == ("ok" if exists else MALFORMED)


def test_services_and_everybody_always_exist(world):
    text = policy_text(DELEGATES, lets({"Service": "s3.amazonaws.com"}, "kms:Encrypt"), forbids("*", "kms:Decrypt"))
    assert outcome(world.client(), "CreateKey", Policy=text) == "ok"


def test_without_identities_every_principal_may_exist(make_world):
    text = policy_text(DELEGATES, lets(BOB, "kms:Encrypt"))
    assert outcome(make_world().client(), "CreateKey", Policy=text) == "ok"


def statement(**elements):
    return {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"} | elements


# case: a second statement, verdict
STATEMENTS = {
    "no Action": ({"Effect": "Deny", "Principal": "*", "Resource": "*"}, "ok"),
    "no Resource": ({"Effect": "Deny", "Principal": "*", "Action": "kms:*"}, "ok"),
    "no Principal": ({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}, MALFORMED),
    "a misspelt element": ({"Effect": "Allow", "Principal": "*", "Acton": "kms:*", "Resource": "*"}, MALFORMED),
    "an unknown operator": (statement(Condition={"StringIs": {"aws:username": "x"}}), MALFORMED),
    "a wildcard in a principal": (statement(Principal={"AWS": f"arn:aws:iam::{MAIN}:role/*"}), MALFORMED),
}


@pytest.mark.parametrize("case", STATEMENTS)
def test_a_statement_that_lacks_an_action_or_a_resource_rules_nothing_and_other_faults_are_refused(world, case):
    second, verdict = STATEMENTS[case]
    text = policy_text(DELEGATES, second)
    client = world.client(BOB)
    assert outcome(client, "CreateKey", Policy=text) == verdict
    if verdict == "ok":
        key = client("CreateKey", {"Policy": text})["KeyMetadata"]["KeyId"]
        assert outcome(client, "DescribeKey", KeyId=key) == "ok"


def test_a_policy_whose_only_statement_rules_nothing_lets_nobody_in(world):
    given = {"Policy": policy_text({"Effect": "Allow", "Principal": "*", "Resource": "*"})}
    assert outcome(world.client(), "CreateKey", **given) == MALFORMED
    key = world.client()("CreateKey", {**given, "BypassPolicyLockoutSafetyCheck": True})["KeyMetadata"]["KeyId"]
    assert outcome(world.client(), "DescribeKey", KeyId=key) == "AccessDeniedException"
