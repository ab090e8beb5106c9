"""Refusals in AWS's words: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""

from __future__ import annotations

import sqlite3
import traceback
from contextlib import closing
from dataclasses import replace

import pytest

from reconciler.engine.authz.denials import denied
from reconciler.engine.caller import Origin
from reconciler.engine.client import Client
from reconciler.kit.errors import KmsError
from reconciler.policy.evaluate import Decision, Reason
from tests.engine.authz.world import forbids, lets, outcome
from tests.support.people import MAIN, user

BOB = "arn:aws:iam::111122223333:user/bob"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
VAGUE = (
    "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based "
    "policy explicitly denies access"
)
WORDS = {
    Reason.DENIED_BY_KEY_POLICY: "with an explicit deny in a resource-based policy",
    Reason.DENIED_BY_IDENTITY_POLICY: "with an explicit deny in an identity-based policy",
    Reason.DENIED_BY_BOUNDARY: "with an explicit deny in a permissions boundary",
    Reason.DENIED_BY_SESSION_POLICY: "with an explicit deny in a session policy",
    Reason.DENIED_BY_SERVICE_CONTROL: "with an explicit deny in a service control policy",
    Reason.DENIED_BY_RESOURCE_CONTROL: "with an explicit deny in a resource control policy",
    Reason.NOT_ALLOWED_BY_KEY_POLICY: "because no resource-based policy allows the kms:Sign action",
    Reason.NOT_ALLOWED_BY_GRANT: "because no resource-based policy allows the kms:Sign action",
    Reason.NOT_ALLOWED_BY_IDENTITY_POLICY: "because no identity-based policy allows the kms:Sign action",
    Reason.IDENTITY_POLICIES_UNKNOWN: "because no identity-based policy allows the kms:Sign action",
    Reason.NOT_ALLOWED_BY_BOUNDARY: "because no permissions boundary allows the kms:Sign action",
    Reason.NOT_ALLOWED_BY_SESSION_POLICY: "because no session policy allows the kms:Sign action",
    Reason.NOT_ALLOWED_BY_SERVICE_CONTROL: "because no service control policy allows the kms:Sign action",
    Reason.NOT_ACROSS_ACCOUNTS: VAGUE,
    Reason.UNPARSABLE_POLICY: VAGUE,
}
REFUSALS = [reason for reason in Reason if reason.name.startswith(("DENIED", "NOT", "UNPARSABLE", "IDENTITY_POLICIES"))]


def said(reason, *, foreign):
    return denied(BOB, "kms:Sign", KEY, Decision(allowed=False, reason=reason, explain=tuple), foreign=foreign).message


@pytest.mark.parametrize("reason", REFUSALS, ids=lambda reason: reason.name)
def test_a_refusal_names_the_kind_of_policy_as_aws_does(reason):
    who = f"User: {BOB} is not authorized to perform: kms:Sign on resource: {KEY}"
    assert said(reason, foreign=False) == f"{who} {WORDS[reason]}"


def test_about_another_account_nothing_is_told():
    assert {said(reason, foreign=True).partition(KEY)[2].strip() for reason in REFUSALS} == {VAGUE}


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "over a network"])
def test_in_process_a_traceback_shows_every_statement_that_was_looked_at(make_world, in_process):
    world = make_world()
    key = world.key(lets(MAIN, "kms:*"), {"Sid": "NobodySigns", **forbids("*", "kms:Sign", "kms:DescribeKey")})
    client = world.client()
    if not in_process:
        client = Client(world.engine, replace(client._caller, origin=Origin("192.0.2.7")))
    with pytest.raises(KmsError) as caught:
        client("DescribeKey", {"KeyId": key})
    told = "".join(traceback.format_exception(caught.value))
    assert ("key policy, statement 1 (NobodySigns), Deny: matches" in told) is in_process
    assert "NobodySigns" not in caught.value.message


def test_no_key_pair_is_made_for_who_may_not_create_a_key(make_world, monkeypatch):
    made = []
    monkeypatch.setattr("reconciler.engine.operations.create_key.generate", made.append)
    bob = make_world(user(BOB)).client(BOB)
    assert outcome(bob, "CreateKey", KeySpec="RSA_4096", KeyUsage="SIGN_VERIFY") == "AccessDeniedException"
    assert made == []


def test_a_mutation_is_refused_while_somebody_else_writes(make_world):
    world = make_world(user(BOB))
    key = world.key()
    bob = world.client(BOB)
    with closing(sqlite3.connect(world.engine.data / "kms.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")  # a call that wanted to write would wait for it
        assert outcome(bob, "ScheduleKeyDeletion", KeyId=key) == "AccessDeniedException"
        assert outcome(bob, "CreateKey") == "AccessDeniedException"
