"""What follows from a question: the condition keys of its request."""

import pytest

from reconciler.policy.access import Ask
from reconciler.policy.access.facts import facts_of
from tests.policy.access.world import ACCOUNT, APP, BOB, ROOT, SESSION, allow, ask, key

FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/carol"


def facts(asked=None, **more):
    return facts_of(key(allow(APP), **more), asked or ask(BOB))


@pytest.mark.parametrize(
    ("principal", "arn", "kind"),
    [
        (BOB, BOB, "User"),
        (APP, APP, "AssumedRole"),
        (SESSION, APP, "AssumedRole"),
        (ROOT, ROOT, "Account"),
        (FEDERATED, FEDERATED, "FederatedUser"),
    ],
)
def test_a_principal_has_its_arn_account_and_type(principal, arn, kind):
    found = facts(ask(principal))
    assert (found["aws:principalarn"], found["aws:principaltype"]) == ((arn,), (kind,))
    assert found["aws:principalaccount"] == found["kms:calleraccount"] == (ACCOUNT,)
    assert found["aws:principalisawsservice"] == ("false",)


def test_only_users_have_a_user_name():
    assert facts(ask(BOB))["aws:username"] == ("bob",)
    assert "aws:username" not in facts(ask(SESSION))


def test_a_service_has_a_name_and_no_account():
    found = facts(ask("logs.amazonaws.com"))
    assert found["aws:principalisawsservice"] == ("true",)
    assert found["aws:principalservicename"] == ("logs.amazonaws.com",)
    assert not {"aws:principalarn", "aws:principalaccount", "kms:calleraccount"} & found.keys()


def test_a_stranger_to_iam_has_an_arn_and_no_type():
    found = facts(ask("arn:aws:iam::aws:saml"))
    assert found["aws:principalarn"] == ("arn:aws:iam::aws:saml",)
    assert not {"aws:principaltype", "kms:calleraccount"} & found.keys()


def test_a_key_has_its_spec_usage_origin_tags_and_aliases():
    found = facts(
        spec="RSA_2048", usage="SIGN_VERIFY", origin="EXTERNAL", aliases=("alias/b", "alias/a"), tags={"A": "x"}
    )
    assert found["kms:keyspec"] == found["kms:customermasterkeyspec"] == ("RSA_2048",)
    assert found["kms:keyusage"] == ("SIGN_VERIFY",)
    assert found["kms:keyorigin"] == ("EXTERNAL",)
    assert found["kms:resourcealiases"] == ("alias/a", "alias/b")
    assert found["aws:resourcetag/a"] == ("x",)
    assert found["aws:resourceaccount"] == (ACCOUNT,)


@pytest.mark.parametrize(("replica", "kind"), [(False, "PRIMARY"), (True, "REPLICA")])
def test_only_multi_region_keys_have_a_type(replica, kind):
    found = facts(multi_region=True, replica=replica)
    assert (found["kms:multiregion"], found["kms:multiregionkeytype"]) == (("true",), (kind,))
    assert "kms:multiregionkeytype" not in facts()
    assert "kms:resourcealiases" not in facts()


def test_the_encryption_context_is_there_by_its_keys_whose_case_does_not_count():
    found = facts(ask(BOB, context={"App": "a", "app": "b"}))
    assert found["kms:encryptioncontext:app"] == ("a", "b")
    assert found["kms:encryptioncontextkeys"] == ("App", "app")
    assert "kms:encryptioncontextkeys" not in facts()


def test_a_call_through_a_service_names_it():
    found = facts(ask(BOB, via="s3"))
    assert found["kms:viaservice"] == ("s3.us-east-1.amazonaws.com",)
    assert found["aws:calledvia"] == found["aws:calledviafirst"] == found["aws:calledvialast"] == ("s3.amazonaws.com",)
    assert found["aws:viaawsservice"] == ("true",)
    assert facts()["aws:viaawsservice"] == ("false",)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (ask(BOB, "kms:CreateGrant"), ("false",)),
        (ask(BOB, "kms:createGrant", via="ec2"), ("true",)),
        (ask("ec2.amazonaws.com", "kms:RevokeGrant"), ("true",)),
        (ask(BOB, "kms:Decrypt", via="ec2"), None),
    ],
)
def test_grants_are_for_aws_resources_when_a_service_manages_them(asked, value):
    assert facts(asked).get("kms:grantisforawsresource") == value


@pytest.mark.parametrize(
    ("action", "name", "value"),
    [
        ("kms:ScheduleKeyDeletion", "kms:schedulekeydeletionpendingwindowindays", "30"),
        ("kms:EnableKeyRotation", "kms:rotationperiodindays", "365"),
        ("kms:PutKeyPolicy", "kms:policyname", "default"),
        ("kms:Sign", "kms:messagetype", "RAW"),
        ("kms:Encrypt", "kms:encryptionalgorithm", "SYMMETRIC_DEFAULT"),
        ("kms:GenerateDataKeyPair", "kms:encryptionalgorithm", "SYMMETRIC_DEFAULT"),
    ],
)
def test_a_parameter_that_is_not_given_has_its_default(action, name, value):
    assert facts(ask(BOB, action))[name] == (value,)


def test_nobody_knows_the_algorithm_of_an_asymmetric_key():
    assert "kms:encryptionalgorithm" not in facts(ask(BOB, "kms:Encrypt"), spec="RSA_2048")


def test_what_the_question_says_wins():
    assert facts(Ask(BOB, "kms:Sign", facts={"kms:messagetype": ("DIGEST",)}))["kms:messagetype"] == ("DIGEST",)


def test_an_encryption_context_is_only_of_requests_that_have_one():
    given = {"tenant": "blue"}
    assert facts_of(key(allow(BOB)), ask(BOB, "kms:CreateGrant", context=given))["kms:encryptioncontext:tenant"] == (
        "blue",
    )
    assert not [
        name for name in facts_of(key(allow(BOB)), ask(BOB, "kms:DescribeKey", context=given)) if "context" in name
    ]
