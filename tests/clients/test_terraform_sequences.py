"""The calls that Terraform's AWS provider makes for aws_kms_key, aws_kms_alias and aws_kms_grant, in its order.

It creates, then reads until what it reads is what it wanted; a read that never agrees is an endless diff or a time-out.
"""

from __future__ import annotations

import json

import pytest

from tests.support.world import MAIN, role_arn, user_arn

POLICY = {
    "Version": "2012-10-17",
    "Id": "terraform",
    "Statement": [
        {
            "Sid": "b",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{MAIN}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "a",
            "Effect": "Allow",
            "Principal": {"AWS": [role_arn("backup")]},
            "Action": ["kms:Decrypt"],
            "Resource": "*",
        },
    ],
}
TAGS = [{"TagKey": "Name", "TagValue": "orders"}, {"TagKey": "env", "TagValue": ""}]


@pytest.fixture
def kms(there):
    return there.user()


def refresh(kms, key):
    """All that a refresh reads of a key."""
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    rotation = kms.get_key_rotation_status(KeyId=key)
    tags = kms.list_resource_tags(KeyId=key, Limit=50)["Tags"]
    return (
        metadata["Description"],
        metadata["Enabled"],
        policy,
        rotation["KeyRotationEnabled"],
        rotation.get("RotationPeriodInDays"),
        sorted((tag["TagKey"], tag["TagValue"]) for tag in tags),
    )


@pytest.fixture
def key(kms):
    made = kms.create_key(
        Description="orders",
        KeyUsage="ENCRYPT_DECRYPT",
        CustomerMasterKeySpec="SYMMETRIC_DEFAULT",
        BypassPolicyLockoutSafetyCheck=False,
        Policy=json.dumps(POLICY),
        Tags=TAGS,
        MultiRegion=False,
    )["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=made, RotationPeriodInDays=90)
    return made


def test_a_key_reads_as_it_was_written_at_once_and_every_time(kms, key):
    wanted = ("orders", True, POLICY, True, 90, [("Name", "orders"), ("env", "")])
    assert [refresh(kms, key) for _ in range(3)] == [wanted] * 3


def test_a_key_is_updated_in_place_in_the_order_of_the_provider(kms, key):
    policy = POLICY | {"Statement": POLICY["Statement"][:1]}
    kms.disable_key_rotation(KeyId=key)
    kms.update_key_description(KeyId=key, Description="orders, archived")
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy), PolicyName="default")
    kms.untag_resource(KeyId=key, TagKeys=["env"])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "Name", "TagValue": "archive"}])
    kms.disable_key(KeyId=key)
    assert refresh(kms, key) == ("orders, archived", False, policy, False, None, [("Name", "archive")])
    kms.enable_key(KeyId=key)
    assert refresh(kms, key)[1] is True


def test_a_destroyed_key_is_there_until_its_window_ends_and_reads_as_pending(kms, key):
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)


def test_an_alias_is_found_by_its_name_among_all_pages_and_moves(kms, key):
    name, other = f"alias/tf/{key}", kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=name, TargetKeyId=key)

    def target():
        pages = kms.get_paginator("list_aliases").paginate()
        return next(one["TargetKeyId"] for page in pages for one in page["Aliases"] if one["AliasName"] == name)

    assert target() == key
    kms.update_alias(AliasName=name, TargetKeyId=other)
    assert target() == other
    kms.delete_alias(AliasName=name)
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.delete_alias(AliasName=name)


def test_a_grant_that_is_asked_for_again_is_the_same_and_is_gone_once_revoked(kms, key):
    asked = {
        "KeyId": key,
        "GranteePrincipal": user_arn("bystander"),
        "Operations": ["Encrypt", "Decrypt"],
        "Constraints": {"EncryptionContextEquals": {"Department": "Finance"}},
        "Name": "terraform",
    }
    grant = kms.create_grant(**asked)["GrantId"]
    assert kms.create_grant(**asked)["GrantId"] == grant
    (found,) = kms.list_grants(KeyId=key, Limit=100)["Grants"]
    assert {name: found[name] for name in ("GranteePrincipal", "Constraints", "Name")} == {
        name: asked[name] for name in ("GranteePrincipal", "Constraints", "Name")
    }
    assert sorted(found["Operations"]) == sorted(asked["Operations"])
    kms.revoke_grant(KeyId=key, GrantId=grant)
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.revoke_grant(KeyId=key, GrantId=grant)
