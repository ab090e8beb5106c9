"""Callers, as STS and CloudTrail describe them."""

from __future__ import annotations

import pytest

from reconciler.engine.caller import ServiceCall, caller_of, calls_for_itself, user_id, user_identity, user_name

ROOT = "arn:aws:iam::111122223333:root"
USER = "arn:aws:iam::111122223333:user/alice"
ROLE = "arn:aws:iam::111122223333:role/app"
SESSION = "arn:aws:sts::111122223333:assumed-role/app/bob"


@pytest.mark.parametrize("principal", [ROOT, USER, ROLE, SESSION], ids=["root", "user", "role", "session"])
def test_a_client_is_told_who_it_is(engine, principal):
    answer = engine.client(principal=principal)("sts:GetCallerIdentity", {})
    assert answer == {"UserId": user_id(principal), "Account": "111122223333", "Arn": principal}


def test_a_client_is_the_root_user_of_its_account_when_nothing_is_said(engine):
    client = engine.client(account="444455556666", region="us-gov-west-1")
    assert (client.account, client.region) == ("444455556666", "us-gov-west-1")
    assert client("sts:GetCallerIdentity", {})["Arn"] == "arn:aws-us-gov:iam::444455556666:root"


def test_unique_ids_have_the_form_of_iams_and_belong_to_the_name():
    assert user_id(ROOT) == "111122223333"
    assert user_id(USER).startswith("AIDA")
    assert len(user_id(USER)) == len("AIDACKCEVSQ6C2EXAMPLE")
    assert user_id(SESSION) == f"{user_id(ROLE)}:bob"
    assert user_id(USER) != user_id(USER.replace("alice", "eve"))


@pytest.mark.parametrize(
    ("principal", "kind", "name"),
    [
        (ROOT, "Root", "root"),
        (USER, "IAMUser", "alice"),
        (ROLE, "Role", "app"),
        (SESSION, "AssumedRole", "bob"),
        ("arn:aws:sts::111122223333:federated-user/carol", "Unknown", "carol"),
        ("nobody", "Unknown", "nobody"),
    ],
)
def test_cloudtrail_names_the_kind_of_principal(principal, kind, name):
    assert user_identity(principal)["type"] == kind
    assert user_name(principal) == name


def test_a_session_names_the_role_that_issued_it():
    issuer = user_identity(SESSION)["sessionContext"]["sessionIssuer"]
    assert (issuer["arn"], issuer["userName"]) == (ROLE, "app")


S3 = ServiceCall("s3.amazonaws.com")
# case: principal, service, then account, principal and whether a service calls for itself
CALLERS = {
    "nobody in particular": (None, None, "444455556666", "arn:aws:iam::444455556666:root", False),
    "a user of another account": (USER, None, "111122223333", USER, False),
    "a service for a user": (USER, S3, "111122223333", USER, False),
    "a service": (None, S3, "444455556666", "s3.amazonaws.com", True),
    "a service by its name": ("s3.amazonaws.com", None, "444455556666", "s3.amazonaws.com", True),
}


@pytest.mark.parametrize("case", CALLERS)
def test_a_caller_is_who_calls_and_its_account_is_the_principals(case):
    principal, service, account, named, itself = CALLERS[case]
    caller = caller_of("444455556666", "us-east-1", "aws", principal, service=service)
    assert (caller.account, caller.principal, calls_for_itself(caller)) == (account, named, itself)


def test_cloudtrail_names_a_service_that_calls_for_itself():
    assert user_identity("s3.amazonaws.com") == {"type": "AWSService", "invokedBy": "s3.amazonaws.com"}
