"""Grants decide: operations, constraints, tokens, the delay until they are known, child grants, retirement.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.policy.evaluate import Reason
from tests.engine.authz.world import forbids, lets, outcome
from tests.support.people import ALL_OF_KMS, MAIN, OTHER, allow, deny, role, user

BOB = f"arn:aws:iam::{MAIN}:user/bob"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
APP = f"arn:aws:iam::{MAIN}:role/service/app"
SESSION = f"arn:aws:sts::{MAIN}:assumed-role/app/one"
ROOT = f"arn:aws:iam::{MAIN}:root"
OTHER_ROOT = f"arn:aws:iam::{OTHER}:root"
DELEGATES = lets(MAIN, "kms:*")
REFUSED = "AccessDeniedException"
DELAY = timedelta(seconds=3)


def granted(world, key, grantee=BOB, operations=("Encrypt", "Decrypt"), **more):
    given = {"KeyId": key, "GranteePrincipal": grantee, "Operations": list(operations), **more}
    return world.client()("CreateGrant", given)


def encrypts(world, principal, key, context=None, **more):
    given = {"KeyId": key, "Plaintext": b"x", **more} | ({"EncryptionContext": context} if context else {})
    return outcome(world.client(principal), "Encrypt", **given)


# case: grantee, who asks, verdict
GRANTEES = {
    "a user": (BOB, BOB, "ok"),
    "a session of the role": (APP, SESSION, "ok"),
    "a session, by its own ARN": (SESSION, SESSION, "ok"),
    "another session": (f"{SESSION}more", SESSION, REFUSED),
    "somebody else": (BOB, APP, REFUSED),
}


@pytest.mark.parametrize("case", GRANTEES)
def test_a_grant_lets_its_grantee_in(make_world, case):
    grantee, asking, verdict = GRANTEES[case]
    world = make_world(user(BOB), role(APP))
    key = world.key()
    granted(world, key, grantee)
    assert encrypts(world, asking, key) == verdict


def test_a_grant_allows_its_operations_and_no_others(make_world):
    world = make_world(user(BOB))
    key = world.key()
    granted(world, key, operations=["Encrypt", "ReEncryptFrom"])
    bob = world.client(BOB)
    blob = bob("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    assert outcome(bob, "Decrypt", CiphertextBlob=blob) == REFUSED
    assert outcome(bob, "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key) == REFUSED
    granted(world, key, operations=["ReEncryptTo", "Decrypt"])
    assert outcome(bob, "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key) == "ok"
    assert outcome(bob, "Decrypt", CiphertextBlob=blob) == "ok"
    assert world.reason(bob, "Decrypt", CiphertextBlob=blob) is Reason.GRANT


@pytest.mark.parametrize(
    "stop",
    [
        lambda world, key, grant: world.client()("RevokeGrant", {"KeyId": key, "GrantId": grant["GrantId"]}),
        lambda world, key, grant: world.client()("RetireGrant", {"GrantToken": grant["GrantToken"]}),
    ],
    ids=["revoked", "retired"],
)
def test_a_grant_that_is_gone_lets_nobody_in_not_even_with_its_token(make_world, stop):
    world = make_world(user(BOB))
    key = world.key()
    grant = granted(world, key)
    assert encrypts(world, BOB, key) == "ok"
    stop(world, key, grant)
    assert encrypts(world, BOB, key, GrantTokens=[grant["GrantToken"]]) == REFUSED


def test_a_deny_wins_over_a_grant(make_world):
    world = make_world(user(BOB), user(f"{BOB}2", deny("kms:Encrypt")))
    key = world.key(DELEGATES, forbids(BOB, "kms:Encrypt"))
    granted(world, key)
    granted(world, key, f"{BOB}2")
    assert encrypts(world, BOB, key) == REFUSED
    assert encrypts(world, f"{BOB}2", key) == REFUSED


EQUALS = {"EncryptionContextEquals": {"Department": "IT"}}
SUBSET = {"EncryptionContextSubset": {"Department": "IT"}}
# case: constraint, encryption context, verdict
CONSTRAINTS = {
    "equals: the same": (EQUALS, {"Department": "IT"}, "ok"),
    "equals: more": (EQUALS, {"Department": "IT", "Purpose": "test"}, REFUSED),
    "equals: none": (EQUALS, None, REFUSED),
    "equals: another value": (EQUALS, {"Department": "it"}, REFUSED),
    "equals: the key in another case": (EQUALS, {"department": "IT"}, "ok"),
    "subset: the same": (SUBSET, {"Department": "IT"}, "ok"),
    "subset: more": (SUBSET, {"Department": "IT", "Purpose": "test"}, "ok"),
    "subset: none": (SUBSET, None, REFUSED),
    "subset: another value": (SUBSET, {"Department": "HR"}, REFUSED),
}


@pytest.mark.parametrize("case", CONSTRAINTS)
def test_a_constraint_is_held_against_the_encryption_context(make_world, case):
    constraint, context, verdict = CONSTRAINTS[case]
    world = make_world(user(BOB))
    key = world.key()
    granted(world, key, Constraints=constraint)
    assert encrypts(world, BOB, key, context) == verdict


def test_a_constraint_does_not_count_for_what_has_no_encryption_context(make_world):
    world = make_world(user(BOB))
    key = world.key()
    granted(world, key, operations=["DescribeKey"], Constraints=EQUALS)
    assert outcome(world.client(BOB), "DescribeKey", KeyId=key) == "ok"


def test_across_accounts_the_grant_and_the_grantees_own_account_must_allow(make_world):
    world = make_world(user(EVE, allow("kms:Encrypt")), user(f"{EVE}2", deny("kms:*")))
    key = world.key()
    for grantee in (EVE, f"{EVE}2", OTHER_ROOT):
        granted(world, key, grantee)
    assert encrypts(world, EVE, key) == "ok"
    assert encrypts(world, f"{EVE}2", key) == REFUSED


def test_a_fresh_grant_counts_at_once_with_its_token_and_after_the_delay_without(make_world, clock):
    world = make_world(user(BOB), consistency_delay=DELAY)
    key = world.key()
    token = granted(world, key)["GrantToken"]
    assert encrypts(world, BOB, key) == REFUSED
    assert encrypts(world, BOB, key, GrantTokens=[token]) == "ok"
    clock.advance(DELAY - timedelta(microseconds=1))
    assert encrypts(world, BOB, key) == REFUSED
    clock.advance(timedelta(microseconds=1))
    assert encrypts(world, BOB, key) == "ok"


def test_a_token_helps_with_its_own_grant_only(make_world):
    world = make_world(user(BOB), consistency_delay=DELAY)
    key, other = world.key(), world.key()
    token = granted(world, other)["GrantToken"]
    granted(world, key)
    assert encrypts(world, BOB, key, GrantTokens=[token]) == REFUSED
    assert encrypts(world, BOB, other, GrantTokens=[token]) == "ok"


def test_a_token_that_nobody_made_is_refused_whoever_shows_it(make_world):
    world = make_world()
    key = world.key()
    assert encrypts(world, ROOT, key, GrantTokens=["AAAA"]) == "InvalidGrantTokenException"


def parent(world, key, **more):
    granted(world, key, operations=["Encrypt", "Decrypt", "CreateGrant"], **more)


TIGHT = {"EncryptionContextEquals": {"Department": "IT", "Stage": "x"}}
# case: the parent's constraint, the child's operations and constraint, verdict
CHILDREN = {
    "fewer operations": (None, ["Decrypt"], None, "ok"),
    "more operations": (None, ["Decrypt", "GenerateDataKey"], None, REFUSED),
    "CreateGrant again": (None, ["CreateGrant"], None, "ok"),
    "no constraint under one": (SUBSET, ["Decrypt"], None, REFUSED),
    "the same constraint": (SUBSET, ["Decrypt"], SUBSET, "ok"),
    "a stricter constraint": (SUBSET, ["Decrypt"], TIGHT, "ok"),
    "another constraint": (SUBSET, ["Decrypt"], {"EncryptionContextSubset": {"Department": "HR"}}, REFUSED),
    "a looser kind": (EQUALS, ["Decrypt"], SUBSET, REFUSED),
    "a constraint under none": (None, ["Decrypt"], EQUALS, "ok"),
}


@pytest.mark.parametrize("case", CHILDREN)
def test_who_may_create_grants_by_a_grant_creates_no_wider_ones(make_world, case):
    constraint, operations, childs, verdict = CHILDREN[case]
    world = make_world(user(BOB))
    key = world.key()
    parent(world, key, **({"Constraints": constraint} if constraint else {}))
    given = {"KeyId": key, "GranteePrincipal": APP, "Operations": operations}
    given |= {"Constraints": childs} if childs else {}
    assert outcome(world.client(BOB), "CreateGrant", **given) == verdict


def test_who_may_create_grants_by_a_policy_creates_any(make_world):
    world = make_world(user(BOB, allow("kms:CreateGrant")))
    key = world.key()
    parent(world, key)
    given = {"KeyId": key, "GranteePrincipal": APP, "Operations": ["GenerateDataKey"]}
    assert outcome(world.client(BOB), "CreateGrant", **given) == "ok"


# case: the grant besides its grantee (bob), who retires, verdict
RETIRING = {
    "the key's account": ({}, ROOT, "ok"),
    "the retiring principal": ({"RetiringPrincipal": APP}, SESSION, "ok"),
    "the grantee": ({}, BOB, REFUSED),
    "the grantee who may": ({"Operations": ["Decrypt", "RetireGrant"]}, BOB, "ok"),
    "somebody else": ({}, SESSION, REFUSED),
    "somebody whom IAM lets": ({}, f"{BOB}2", "ok"),
    "another account": ({}, EVE, REFUSED),
    "the retiring account, by IAM": ({"RetiringPrincipal": OTHER_ROOT}, EVE, "ok"),
    "the retiring account's root user": ({"RetiringPrincipal": OTHER_ROOT}, OTHER_ROOT, "ok"),
}


@pytest.mark.parametrize("case", RETIRING)
@pytest.mark.parametrize("by_token", [True, False], ids=["by token", "by id"])
def test_a_grant_is_retired_by_whom_it_names_and_by_its_account(make_world, case, by_token):
    more, asking, verdict = RETIRING[case]
    world = make_world(user(BOB), user(f"{BOB}2", allow("kms:RetireGrant")), role(APP), user(EVE, ALL_OF_KMS))
    key = world.key()
    grant = world.client()("CreateGrant", {"KeyId": key, "GranteePrincipal": BOB, "Operations": ["Decrypt"], **more})
    named = {"GrantToken": grant["GrantToken"]} if by_token else {"KeyId": key, "GrantId": grant["GrantId"]}
    assert outcome(world.client(asking), "RetireGrant", **named) == verdict


def test_a_grant_that_is_not_there_is_not_found_by_who_might_retire_it_only(make_world):
    world = make_world(user(BOB), user(EVE, ALL_OF_KMS))
    named = {"KeyId": world.key(), "GrantId": "0" * 64}
    assert outcome(world.client(), "RetireGrant", **named) == "NotFoundException"
    assert outcome(world.client(BOB), "RetireGrant", **named) == REFUSED
    assert outcome(world.client(EVE), "RetireGrant", **named) == REFUSED


def test_grants_are_not_looked_up_when_a_policy_allows(make_world, monkeypatch):
    world = make_world(user(BOB, ALL_OF_KMS))
    key = world.key()
    monkeypatch.setattr(world.engine._store.grants, "of_grantees", None)
    assert encrypts(world, BOB, key) == "ok"
