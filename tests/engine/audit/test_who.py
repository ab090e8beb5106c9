"""Who called, and how a denial is told.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.engine.caller import Session
from reconciler.engine.engine import Engine
from reconciler.engine.instants import MINUTE, to_microseconds
from reconciler.kit.clock import ManualClock
from tests.engine.authz.world import World, lets
from tests.engine.conftest import START
from tests.support.people import ALL_OF_KMS, EVERYTHING, MAIN, OTHER, people, role, user

BOB = f"arn:aws:iam::{MAIN}:user/bob"
APP = f"arn:aws:iam::{MAIN}:role/app"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": BOB}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]},
}


@pytest.fixture
def clock():
    return ManualClock(START + timedelta(minutes=5))


@pytest.fixture
def engine(data, clock):
    identities = people(user(BOB, EVERYTHING), role(APP, ALL_OF_KMS, trust=TRUST))
    with Engine.open(data, clock=clock, identities=identities) as opened:
        yield opened


@pytest.fixture
def assumed(engine):
    """A client with a session of the role."""

    def assume(**more):
        given = {"RoleArn": APP, "RoleSessionName": "one", **more}
        credentials = engine.client(principal=BOB)("sts:AssumeRole", given)["Credentials"]
        found = engine.open_token(credentials["AccessKeyId"], credentials["SessionToken"])
        return engine.client(principal=found.principal, session=found.session)

    return assume


def test_an_assumed_role_is_shown_with_its_issuer_and_how_its_session_began(engine, assumed, clock):
    client = assumed()
    clock.advance(timedelta(minutes=10))
    client("ListKeys", {})
    (event,) = engine.events(name="ListKeys")
    context = event["userIdentity"]["sessionContext"]
    assert event["userIdentity"]["type"] == "AssumedRole"
    assert context.pop("sessionIssuer").pop("principalId").startswith("AROA")
    assert context == {"attributes": {"creationDate": "2026-01-01T00:05:00Z", "mfaAuthenticated": "false"}}


def test_a_source_identity_is_shown(engine, assumed):
    assumed(SourceIdentity="bob")("ListKeys", {})
    (event,) = engine.events(name="ListKeys")
    assert event["userIdentity"]["sessionContext"]["sourceIdentity"] == "bob"


def test_temporary_credentials_of_a_user_have_no_issuer_and_a_second_factor_is_shown(engine, clock):
    now = to_microseconds(clock.now())
    engine.client(principal=BOB, session=Session(now, now + 60 * MINUTE, mfa=now))("ListKeys", {})
    (event,) = engine.events(name="ListKeys")
    assert event["userIdentity"]["type"] == "IAMUser"
    assert event["userIdentity"]["sessionContext"] == {  # ct-deletealias.html of the KMS developer guide
        "attributes": {"creationDate": "2026-01-01T00:05:00Z", "mfaAuthenticated": "true"}
    }


def test_a_user_without_temporary_credentials_has_no_session(engine):
    engine.client(principal=BOB)("ListKeys", {})
    (event,) = engine.events(name="ListKeys")
    assert "sessionContext" not in event["userIdentity"]


def test_another_account_is_not_told_of_the_session(engine, assumed):
    key = World(engine).key(lets(APP, "kms:Encrypt"), account=OTHER)
    assumed()("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    own, theirs = engine.events(name="Encrypt")
    assert "sessionContext" in own["userIdentity"]
    assert theirs["userIdentity"].keys() == {"type", "principalId", "accountId"}


# An event as CloudTrail delivered it: https://github.com/aws-samples/baseline-environment-on-aws/pull/51
def test_a_denial_has_cloudtrails_own_code_and_kms_own_message(engine, refused):
    key = World(engine).key(lets(APP, "kms:Decrypt"))
    error = refused("Encrypt", engine.client(principal=BOB), KeyId=key, Plaintext=b"x")
    (event,) = engine.events(name="Encrypt")
    assert error.code == "AccessDeniedException"
    assert (event["errorCode"], event["errorMessage"]) == ("AccessDenied", error.message)
    assert error.message.startswith(f"User: {BOB} is not authorized to perform: kms:Encrypt on resource: {key}")
