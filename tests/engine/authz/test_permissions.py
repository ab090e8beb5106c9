"""Which permissions an operation takes: on no key, on two keys, on an alias and a key, on tags.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from __future__ import annotations

import pytest

from tests.engine.authz.cast import ALICE, BOB, DELEGATES
from tests.engine.authz.world import lets, outcome
from tests.support.people import ALL_OF_KMS, MAIN, allow, deny, user

# operation, parameters, the action that IAM must allow, the resource it is asked for
WITHOUT_KEY = {
    "CreateKey": ("CreateKey", {}, "kms:CreateKey", "*"),
    "ListKeys": ("ListKeys", {}, "kms:ListKeys", "*"),
    "ListAliases": ("ListAliases", {}, "kms:ListAliases", "*"),
    "GenerateRandom": ("GenerateRandom", {"NumberOfBytes": 1}, "kms:GenerateRandom", "*"),
    "GetResources": ("tagging:GetResources", {}, "tag:GetResources", "*"),
    "LookupEvents": ("cloudtrail:LookupEvents", {}, "cloudtrail:LookupEvents", "*"),
    "ListRetirableGrants": ("ListRetirableGrants", {"RetiringPrincipal": BOB}, "kms:ListRetirableGrants", BOB),
    "DescribeCustomKeyStores": ("DescribeCustomKeyStores", {}, "kms:DescribeCustomKeyStores", "*"),
}


@pytest.mark.parametrize("case", WITHOUT_KEY)
def test_what_is_about_no_key_takes_an_iam_policy(make_world, case):
    operation, parameters, action, resource = WITHOUT_KEY[case]
    world = make_world(user(BOB, allow(action, resource=resource)), user(ALICE, deny(action), allow("*")))
    assert outcome(world.client(BOB), operation, **parameters) == "ok"
    assert outcome(world.client(ALICE), operation, **parameters) == "AccessDeniedException"
    assert outcome(world.client(), operation, **parameters) == "ok"


def test_tags_at_creation_take_a_permission_of_their_own(make_world):
    world = make_world(user(BOB, allow("kms:CreateKey")), user(ALICE, allow("kms:CreateKey", "kms:TagResource")))
    tags = {"Tags": [{"TagKey": "team", "TagValue": "a"}]}
    assert outcome(world.client(BOB), "CreateKey") == "ok"
    assert outcome(world.client(BOB), "CreateKey", **tags) == "AccessDeniedException"
    assert outcome(world.client(ALICE), "CreateKey", **tags) == "ok"


def test_tagging_at_creation_is_allowed_for_every_key_of_the_account(make_world):
    keys = f"arn:aws:kms:*:{MAIN}:key/*"
    world = make_world(user(BOB, allow("kms:CreateKey"), allow("kms:TagResource", resource=keys)))
    assert outcome(world.client(BOB), "CreateKey", Tags=[{"TagKey": "team", "TagValue": "a"}]) == "ok"


def alias_arn(name):
    return f"arn:aws:kms:us-east-1:{MAIN}:{name}"


def test_an_alias_takes_permission_for_the_alias_and_for_the_key(make_world):
    on_alias = allow("kms:CreateAlias", resource=alias_arn("alias/a"))
    world = make_world(user(ALICE, on_alias), user(BOB, ALL_OF_KMS))
    key = world.key(DELEGATES)
    named = {"AliasName": "alias/a", "TargetKeyId": key}
    assert outcome(world.client(ALICE), "CreateAlias", **named) == "AccessDeniedException"
    other = world.key(DELEGATES, lets(ALICE, "kms:CreateAlias"))
    assert (
        outcome(world.client(ALICE), "CreateAlias", AliasName="alias/b", TargetKeyId=other) == "AccessDeniedException"
    )
    assert outcome(world.client(ALICE), "CreateAlias", AliasName="alias/a", TargetKeyId=other) == "ok"
    assert outcome(world.client(BOB), "CreateAlias", AliasName="alias/c", TargetKeyId=key) == "ok"


def test_to_move_an_alias_takes_permission_for_both_keys(make_world):
    world = make_world(user(BOB, allow("kms:UpdateAlias", "kms:DeleteAlias", resource=alias_arn("alias/*"))))
    mine = lets(BOB, "kms:*")
    own, second, foreign = world.key(DELEGATES, mine), world.key(DELEGATES, mine), world.key(DELEGATES)
    root, bob = world.client(), world.client(BOB)
    root("CreateAlias", {"AliasName": "alias/own", "TargetKeyId": own})
    root("CreateAlias", {"AliasName": "alias/foreign", "TargetKeyId": foreign})
    assert outcome(bob, "UpdateAlias", AliasName="alias/own", TargetKeyId=foreign) == "AccessDeniedException"
    assert outcome(bob, "UpdateAlias", AliasName="alias/foreign", TargetKeyId=own) == "AccessDeniedException"
    assert outcome(bob, "UpdateAlias", AliasName="alias/own", TargetKeyId=second) == "ok"
    assert outcome(bob, "DeleteAlias", AliasName="alias/foreign") == "AccessDeniedException"
    assert outcome(bob, "DeleteAlias", AliasName="alias/own") == "ok"
    assert outcome(bob, "DeleteAlias", AliasName="alias/own") == "NotFoundException"


def test_to_re_encrypt_takes_permission_to_leave_one_key_and_to_enter_the_other(make_world):
    world = make_world()
    source = world.key(DELEGATES, lets(BOB, "kms:ReEncryptFrom"))
    target = world.key(DELEGATES, lets(BOB, "kms:ReEncryptTo"))
    blob = world.client()("Encrypt", {"KeyId": source, "Plaintext": b"x"})["CiphertextBlob"]
    bob = world.client(BOB)
    given = {"CiphertextBlob": blob, "DestinationKeyId": target}
    assert outcome(bob, "ReEncrypt", **given) == "ok"
    assert outcome(bob, "ReEncrypt", SourceKeyId=source, **given) == "ok"
    assert outcome(bob, "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=source) == "AccessDeniedException"


def test_a_replica_takes_permission_on_the_key_and_to_create_keys_there(make_world):
    there = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    replicate = allow("kms:ReplicateKey")
    world = make_world(user(ALICE, replicate), user(BOB, replicate, allow("kms:CreateKey", **there)))
    key = world.key(MultiRegion=True)
    given = {"KeyId": key, "ReplicaRegion": "eu-west-1"}
    assert outcome(world.client(ALICE), "ReplicateKey", **given) == "AccessDeniedException"
    tags = {"Tags": [{"TagKey": "a", "TagValue": "b"}]}
    assert outcome(world.client(BOB), "ReplicateKey", **given, **tags) == "AccessDeniedException"
    assert outcome(world.client(BOB), "ReplicateKey", **given) == "ok"


def test_the_primary_moves_with_permission_on_both_keys(make_world):
    world = make_world(user(BOB, allow("kms:UpdatePrimaryRegion", resource="arn:aws:kms:us-east-1:*:key/*")))
    key = world.key(MultiRegion=True)
    moved = {"KeyId": key, "PrimaryRegion": "eu-west-1"}
    root = world.client()
    root("ReplicateKey", {"KeyId": key, "ReplicaRegion": "eu-west-1"})
    assert outcome(world.client(BOB), "UpdatePrimaryRegion", **moved) == "AccessDeniedException"
    assert outcome(root, "UpdatePrimaryRegion", **moved) == "ok"
