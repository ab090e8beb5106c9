import gzip
import json
from pathlib import Path

import botocore
import pytest

from reconciler.policy.actions import KEY_ACTIONS, actions_on, cryptographic, matching
from reconciler.policy.evaluate.cross_account import ACROSS_ACCOUNTS
from reconciler.policy.permissions import KeyTraits

SYMMETRIC = KeyTraits("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
RSA = KeyTraits("ENCRYPT_DECRYPT", "RSA_2048")
SIGNING = KeyTraits("SIGN_VERIFY", "ECC_NIST_P256")
HMAC = KeyTraits("GENERATE_VERIFY_MAC", "HMAC_256")
NOT_ON_A_KEY = frozenset({
    "ConnectCustomKeyStore", "CreateCustomKeyStore", "CreateKey", "DeleteCustomKeyStore", "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore", "GenerateRandom", "ListAliases", "ListKeys", "ListRetirableGrants",
    "UpdateCustomKeyStore",
})  # fmt: skip
"""Operations whose permission is on no key, or on the store: the service authorization reference."""


def operations():
    folder = Path(botocore.__file__).parent / "data/kms/2014-11-01"
    packed = folder / "service-2.json.gz"
    text = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "service-2.json").read_bytes()
    return set(json.loads(text)["operations"])


def test_every_operation_of_kms_is_an_action_on_a_key_or_known_not_to_be_one():
    as_permissions = (operations() - NOT_ON_A_KEY - {"ReEncrypt"}) | {"ReEncryptFrom", "ReEncryptTo"}
    assert {action.removeprefix("kms:") for action in KEY_ACTIONS} == as_permissions | {"SynchronizeMultiRegionKey"}


def test_what_works_across_accounts_is_an_action_on_a_key():
    assert {f"kms:{name}" for name in ACROSS_ACCOUNTS} <= set(KEY_ACTIONS)


@pytest.mark.parametrize(
    ("key", "can", "cannot"),
    [
        (SYMMETRIC, {"Encrypt", "GenerateDataKey", "EnableKeyRotation"}, {"GetPublicKey", "Sign", "ReplicateKey"}),
        (RSA, {"Encrypt", "GetPublicKey"}, {"GenerateDataKey", "EnableKeyRotation"}),
        (SIGNING, {"Sign", "Verify", "GetPublicKey"}, {"Encrypt", "GenerateMac"}),
        (HMAC, {"GenerateMac", "VerifyMac"}, {"GetPublicKey", "Decrypt"}),
        (KeyTraits("KEY_AGREEMENT", "ECC_NIST_P256"), {"DeriveSharedSecret"}, {"Sign"}),
        (KeyTraits("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "EXTERNAL"), {"ImportKeyMaterial"}, {"ReplicateKey"}),
        (KeyTraits("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", multi_region=True), {"ReplicateKey"}, set()),
    ],
    ids=["symmetric", "rsa", "signing", "hmac", "agreement", "imported", "multi-region"],
)
def test_a_key_can_be_asked_what_its_traits_say(key, can, cannot):
    names = {action.removeprefix("kms:") for action in actions_on(key)}
    assert can <= names
    assert not cannot & names


@pytest.mark.parametrize(
    ("key", "uses"),
    [(SIGNING, {"kms:Sign", "kms:Verify"}), (HMAC, {"kms:GenerateMac", "kms:VerifyMac"})],
    ids=["signing", "hmac"],
)
def test_the_cryptographic_actions_are_what_the_key_is_for(key, uses):
    assert cryptographic(key) == uses


def test_a_symmetric_key_is_for_data_keys_too():
    assert {"kms:Decrypt", "kms:GenerateDataKeyPair", "kms:ReEncryptTo"} <= cryptographic(SYMMETRIC)
    assert "kms:DescribeKey" not in cryptographic(SYMMETRIC)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("kms:Decrypt", ("kms:Decrypt",)),
        ("decrypt", ("kms:Decrypt",)),
        ("KMS:reencrypt*", ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
        ("?ign", ("kms:Sign",)),
        ("CreateKey", ()),
        ("s3:GetObject", ()),
        ("*", KEY_ACTIONS),
    ],
)
def test_a_pattern_names_actions_as_iam_reads_it(pattern, found):
    assert matching(pattern) == found
