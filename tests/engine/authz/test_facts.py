"""What is known of a request: the condition keys that it has, and their values.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from reconciler.engine.authz.facts import FACTS, facts_of
from reconciler.engine.authz.request import Request
from reconciler.engine.caller import Origin, ServiceCall, Session
from reconciler.engine.client import Client
from reconciler.engine.identities import NOBODY
from tests.engine.authz.cast import APP, SESSION
from tests.support.people import MAIN, role, user

BOB = f"arn:aws:iam::{MAIN}:user/team/bob"


USER_FACTS = {
    "aws:principalarn": (BOB,),
    "aws:principalaccount": (MAIN,),
    "aws:principaltype": ("User",),
    "aws:username": ("bob",),
    "aws:securetransport": ("true",),
    "aws:sourceip": ("192.0.2.7",),
    "aws:useragent": ("aws-cli/2",),
    "aws:requestedregion": ("us-east-1",),
    "aws:currenttime": ("2026-01-01T00:00:00Z",),
    "aws:epochtime": ("1767225600",),
    "aws:viaawsservice": ("false",),
    "aws:principalisawsservice": ("false",),
    "aws:resourceaccount": (MAIN,),
    "kms:calleraccount": (MAIN,),
}


def facts(world, client, operation="ListKeys"):
    """All facts that a request by `client` without a key has, but its id."""
    call = world.asked(client, operation)
    found = facts_of(Request(call, world.engine.identities, f"kms:{operation}"), {*FACTS, "unknown:key"})
    return {name: values for name, values in found.items() if name != "aws:userid"}


def from_network(client):
    origin = Origin("192.0.2.7", "aws-cli/2", secure_transport=True)
    return Client(client._engine, replace(client._caller, origin=origin))


def test_a_user_has_these_facts(make_world):
    world = make_world(user(BOB))
    assert facts(world, from_network(world.client(BOB))) == USER_FACTS


def test_a_call_in_process_has_no_address(make_world):
    world = make_world()
    assert "aws:sourceip" not in facts(world, world.client(BOB))


def test_a_session_has_its_roles_arn_and_no_user_name(make_world, clock):
    world = make_world(role(APP), organizations={MAIN: "o-exampleorgid"})
    now = 1_767_225_600_000_000
    session = Session(now, now + 1, source_identity="bob", mfa=now - 60_000_000)
    found = facts(world, world.client(SESSION, session=session))
    assert found["aws:principalarn"] == (APP,)
    assert found["aws:principaltype"] == ("AssumedRole",)
    assert found["aws:principalorgid"] == found["aws:resourceorgid"] == ("o-exampleorgid",)
    assert found["aws:tokenissuetime"] == ("2026-01-01T00:00:00Z",)
    assert found["aws:multifactorauthpresent"] == ("true",)
    assert found["aws:multifactorauthage"] == ("60",)
    assert found["aws:sourceidentity"] == ("bob",)
    assert "aws:username" not in found


def test_a_session_without_a_second_factor_says_so_and_a_user_says_nothing(make_world):
    world = make_world()
    assert facts(world, world.client(SESSION, session=Session(0, 2**62)))["aws:multifactorauthpresent"] == ("false",)
    assert "aws:multifactorauthage" not in facts(world, world.client(SESSION, session=Session(0, 2**62)))
    assert "aws:multifactorauthpresent" not in facts(world, world.client(BOB))


def test_a_session_of_a_role_that_nobody_knows_has_the_roles_arn_without_a_path(make_world):
    world = make_world()
    assert facts(world, world.client(SESSION))["aws:principalarn"] == (f"arn:aws:iam::{MAIN}:role/app",)


def test_the_root_user_is_of_the_type_account(make_world):
    world = make_world()
    found = facts(world, world.client())
    assert found["aws:principaltype"] == ("Account",)
    assert found["aws:principalarn"] == (f"arn:aws:iam::{MAIN}:root",)


def test_a_service_that_calls_for_a_principal_adds_where_it_came_through_and_hides_the_address(make_world):
    world = make_world(user(BOB))
    found = facts(world, from_network(world.client(BOB, service=ServiceCall("s3.amazonaws.com"))))
    assert found["kms:viaservice"] == ("s3.us-east-1.amazonaws.com",)
    assert found["aws:calledvia"] == found["aws:calledviafirst"] == ("s3.amazonaws.com",)
    assert found["aws:viaawsservice"] == ("true",)
    assert found["aws:principalarn"] == (BOB,)
    assert "aws:sourceip" not in found


def test_a_service_that_calls_for_itself_has_no_account_but_its_source(make_world):
    world = make_world(organizations={MAIN: "o-exampleorgid"})
    arn = f"arn:aws:logs:us-east-1:{MAIN}:log-group:a"
    found = facts(world, world.client(service=ServiceCall("logs.amazonaws.com", arn, MAIN)))
    assert found["aws:sourcearn"] == (arn,)
    assert (found["aws:sourceaccount"], found["aws:sourceorgid"]) == ((MAIN,), ("o-exampleorgid",))
    assert found["aws:principalisawsservice"] == ("true",)
    assert found["aws:principalservicename"] == ("logs.amazonaws.com",)
    absent = {"aws:principalarn", "aws:principalaccount", "kms:calleraccount", "kms:viaservice", "aws:principaltype"}
    assert not absent & found.keys()


def test_what_kms_does_not_know_is_absent(make_world):
    world = make_world()
    request = Request(world.asked(world.client(), "ListKeys"), NOBODY, "kms:ListKeys")
    assert facts_of(request, {"kms:recipientattestation:pcr0", "s3:prefix", "aws:sourcevpce"}) == {}


def test_what_is_imported_and_until_when_is_known(make_world):
    world = make_world()
    key = world.key(Origin="EXTERNAL")
    given = {"EncryptedKeyMaterial": b"x", "ImportToken": b"x", "ExpirationModel": "KEY_MATERIAL_EXPIRES"}
    until = datetime(2026, 2, 1, tzinfo=UTC)
    call = world.asked(world.client(), "ImportKeyMaterial", KeyId=key, ValidTo=until, **given)
    names = {"kms:validto", "kms:expirationmodel", "kms:wrappingalgorithm", "aws:resourcetag/a"}
    assert facts_of(Request(call, NOBODY, "kms:ImportKeyMaterial"), names) == {
        "kms:validto": (str(until.timestamp()),),
        "kms:expirationmodel": ("KEY_MATERIAL_EXPIRES",),
    }
