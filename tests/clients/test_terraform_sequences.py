"""The calls that Terraform's AWS provider makes for its resources of KMS, in its order.

It creates, then reads until what it reads is what it wanted; a read that never agrees is an endless diff or a time-out.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from reconciler.kit.clock import SystemClock
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
FAR = "eu-west-1"
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
TAGS = [{"TagKey": "Name", "TagValue": "orders"}, {"TagKey": "env", "TagValue": ""}]


@pytest.fixture
def kms(there):
    return there.user()


def refresh(kms, key):
    """All that a refresh reads of a key."""
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    rotation = kms.get_key_rotation_status(KeyId=key) if metadata["Origin"] == "AWS_KMS" else {}
    tags = kms.list_resource_tags(KeyId=key, Limit=50)["Tags"]
    return (
        metadata["Description"],
        metadata["Enabled"],
        policy,
        rotation.get("KeyRotationEnabled"),
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


@pytest.mark.parametrize(
    ("spec", "usage"),
    [("RSA_2048", "SIGN_VERIFY"), ("ECC_NIST_P384", "KEY_AGREEMENT"), ("HMAC_256", "GENERATE_VERIFY_MAC")],
    ids=["RSA", "ECC", "HMAC"],
)
def test_a_key_that_cannot_rotate_is_read_like_any_other(kms, spec, usage):
    settings = {"KeySpec": spec, "KeyUsage": usage, "Policy": json.dumps(POLICY), "Tags": TAGS[:1]}
    made = kms.create_key(**settings)["KeyMetadata"]["KeyId"]
    assert refresh(kms, made) == ("", True, POLICY, False, None, [("Name", "orders")])


def test_an_external_key_gets_its_material_with_an_end_and_another_end_later(kms):
    key, material = (
        kms.create_key(Origin="EXTERNAL", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"],
        os.urandom(32),
    )
    for days in (1, 2):
        given = kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        until = (SystemClock().now() + timedelta(days=days)).replace(microsecond=0)
        kms.import_key_material(
            KeyId=key,
            ImportToken=given["ImportToken"],
            EncryptedKeyMaterial=load_der_public_key(given["PublicKey"]).encrypt(material, OAEP),
            ExpirationModel="KEY_MATERIAL_EXPIRES",
            ValidTo=until,
        )
        metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
        assert (metadata["KeyState"], metadata["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_EXPIRES")
        assert metadata["ValidTo"] == until
    assert refresh(kms, key)[3] is None


def test_a_replica_is_waited_for_until_it_is_enabled(there, kms):
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    asked = {"KeyId": primary, "ReplicaRegion": FAR, "Description": "far", "Policy": json.dumps(POLICY), "Tags": TAGS}
    assert kms.replicate_key(**asked)["ReplicaKeyMetadata"]["KeyState"] == "Creating"
    far = there.user(region=FAR)
    assert far.describe_key(KeyId=primary)["KeyMetadata"]["KeyState"] == "Enabled"
    assert refresh(far, primary) == ("far", True, POLICY, False, None, [("Name", "orders"), ("env", "")])


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
