"""What AWS does in some sequences of calls, as it was recorded or reported; see `test_recorded_answers`."""

from __future__ import annotations

import json
import os
import re

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.support.world import MAIN, user_arn

FAR = "ap-southeast-1"
FOREVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
MAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
RSA = {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}
SIGN = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}


@pytest.fixture
def kms(there):
    return there.user()


def new(kms, **settings):
    return kms.create_key(**settings)["KeyMetadata"]["Arn"]


def test_a_new_replica_is_described_by_what_it_was_given(kms):
    key = kms.create_key(MultiRegion=True, Description="primary")["KeyMetadata"]["KeyId"]
    made = kms.replicate_key(KeyId=key, ReplicaRegion=FAR)
    told = made["ReplicaKeyMetadata"]
    assert (told["Description"], told["MultiRegionConfiguration"]["MultiRegionKeyType"]) == ("", "REPLICA")
    assert (told["KeyState"], told["Enabled"]) == ("Creating", False)
    assert "CurrentKeyMaterialId" not in told
    assert "ReplicaTags" not in made
    (statement,) = json.loads(made["ReplicaPolicy"])["Statement"]
    assert statement == {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{MAIN}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def test_who_re_encrypts_to_a_key_of_another_usage_is_told_of_its_half(kms):
    signer, sealed = new(kms, **SIGN), kms.encrypt(KeyId=new(kms), Plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(kms.exceptions.InvalidKeyUsageException) as caught:
        kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=signer)
    assert caught.value.response["Error"]["Message"] == (
        f"{signer} key usage is SIGN_VERIFY which is not valid for ReEncryptTo."
    )


def test_a_replica_is_no_primary(there, kms):
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    replica = kms.replicate_key(KeyId=key, ReplicaRegion=FAR)["ReplicaKeyMetadata"]["Arn"]
    with pytest.raises(kms.exceptions.UnsupportedOperationException) as caught:
        there.user(region=FAR).replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    assert caught.value.response["Error"]["Message"] == f"{replica} is not a multi-region primary key."


@pytest.fixture
def imported(kms):
    """The ARN of a new key, and what imports into it."""
    key = new(kms, Origin="EXTERNAL")

    def put(**terms):
        given = kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        wrapped = load_der_public_key(given["PublicKey"]).encrypt(os.urandom(32), OAEP)
        return kms.import_key_material(
            KeyId=key, ImportToken=given["ImportToken"], EncryptedKeyMaterial=wrapped, **terms
        )

    return key, put


def test_material_that_expires_needs_an_end(kms, imported):
    with pytest.raises(ClientError) as caught:
        imported[1]()
    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
    }


def test_one_material_waits_for_its_rotation_at_a_time(kms, imported):
    key, put = imported
    put(**FOREVER)
    with pytest.raises(kms.exceptions.KMSInvalidStateException) as caught:
        kms.rotate_key_on_demand(KeyId=key)
    assert caught.value.response["Error"]["Message"] == (
        f"No available key material pending rotation for the key: {key}."
    )
    waiting = put(**FOREVER, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    with pytest.raises(kms.exceptions.KMSInvalidStateException) as caught:
        put(**FOREVER, ImportType="NEW_KEY_MATERIAL")
    told = re.sub(r"^New key material \(id: [0-9a-f]{64}\)", "", caught.value.response["Error"]["Message"])
    assert told == (
        f" cannot be imported into KMS key {key}, because another key material (id: {waiting}) is pending rotation."
    )


def test_rotations_are_of_a_key_by_its_arn(kms):
    """See turbot/steampipe-plugin-aws, which takes the id out of the ARN, and LocalStack's rotations."""
    key = kms.create_key()["KeyMetadata"]
    assert kms.rotate_key_on_demand(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    assert {entry["KeyId"] for entry in kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]} == {key["Arn"]}


@pytest.mark.parametrize("settings", [MAC, RSA, SIGN], ids=["HMAC", "RSA", "ECC"])
def test_a_key_that_cannot_rotate_does_not(kms, settings):
    """See ansible-collections/community.aws, pull request 311; Terraform reads every asymmetric key so."""
    assert kms.get_key_rotation_status(KeyId=new(kms, **settings))["KeyRotationEnabled"] is False


def test_a_grant_without_a_name_is_listed_and_retired_by_the_id_of_its_key(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    grant = kms.create_grant(KeyId=key, GranteePrincipal=user_arn("admin"), Operations=["Decrypt"])["GrantId"]
    (listed,) = kms.list_grants(KeyId=key)["Grants"]
    assert (listed["GrantId"], listed["Name"]) == (grant, "")  # an empty name: see the example of ListGrants
    kms.retire_grant(KeyId=key, GrantId=grant)
    assert kms.list_grants(KeyId=key)["Grants"] == []
