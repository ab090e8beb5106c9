"""Request quotas. Source: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html"""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.engine.engine import Engine
from tests.engine.custom_stores.conftest import cloudhsm

RANDOM = {"NumberOfBytes": 1}


@pytest.fixture
def small(engine):
    """Make a quota small enough to use up."""

    def lower(name, value, region="us-east-1"):
        engine.set_limit("111122223333", region, name, value)

    return lower


def test_the_call_that_is_one_too_many_in_a_second_is_throttled(kms, refused, clock):
    for _ in range(5):
        kms("CreateKey", {})
    error = refused("CreateKey")
    assert (error.code, error.message) == (
        "ThrottlingException",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    )
    clock.advance(timedelta(seconds=1))
    kms("CreateKey", {})


def test_a_throttled_call_is_recorded_and_changes_nothing(engine, kms, allowed):
    assert allowed(kms, "CreateKey", {}, 8) == 5
    assert len(kms("ListKeys", {})["Keys"]) == 5
    codes = [event.get("errorCode") for event in engine.events(name="CreateKey")]
    assert codes == [None] * 5 + ["ThrottlingException"] * 3


def test_quotas_are_independent_of_each_other(kms, new_key, allowed):
    key = new_key()["KeyId"]
    assert allowed(kms, "DisableKey", {"KeyId": key}, 9) == 5
    assert allowed(kms, "EnableKey", {"KeyId": key}, 9) == 5
    assert (
        allowed(kms, "PutKeyPolicy", {"KeyId": key, "Policy": kms("GetKeyPolicy", {"KeyId": key})["Policy"]}, 20) == 15
    )


def test_cryptographic_operations_share_a_pool_by_the_type_of_key(kms, new_key, small, allowed):
    for pool in ("symmetric", "rsa", "ecc"):
        small(pool, 3)
    symmetric = new_key()["KeyId"]
    rsa = new_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    ecc = new_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    assert allowed(kms, "GenerateRandom", RANDOM, 2) == 2
    blob = kms("Encrypt", {"KeyId": symmetric, "Plaintext": b"a"})["CiphertextBlob"]
    assert allowed(kms, "Decrypt", {"CiphertextBlob": blob}, 1) == 0
    cipher = {"KeyId": rsa, "Plaintext": b"a", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert allowed(kms, "Encrypt", cipher, 5) == 3
    assert allowed(kms, "Sign", {"KeyId": ecc, "Message": b"a", "SigningAlgorithm": "ECDSA_SHA_256"}, 5) == 3


def test_reencrypting_counts_against_the_pools_of_both_keys(kms, new_key, small, allowed):
    small("rsa", 1)
    rsa = new_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    blob = kms("Encrypt", {"KeyId": new_key()["KeyId"], "Plaintext": b"a"})["CiphertextBlob"]
    parameters = {
        "CiphertextBlob": blob,
        "DestinationKeyId": rsa,
        "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
    }
    assert allowed(kms, "ReEncrypt", parameters, 2) == 1


def test_data_key_pairs_have_quotas_by_their_spec(kms, new_key, small, allowed):
    small("GenerateDataKeyPair:ECC_NIST_P256", 2)
    key = new_key()["KeyId"]
    parameters = {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}
    assert allowed(kms, "GenerateDataKeyPair", parameters, 1) == 1
    assert allowed(kms, "GenerateDataKeyPairWithoutPlaintext", parameters, 2) == 1
    assert allowed(kms, "GenerateDataKeyPair", {**parameters, "KeyPairSpec": "ECC_NIST_P384"}, 3) == 3


def test_quotas_below_one_a_second_have_longer_windows(old, clock, allowed):
    key = old("CreateKey", {})["KeyMetadata"]["KeyId"]
    parameters = {"KeyId": key, "KeyPairSpec": "RSA_3072"}
    assert allowed(old, "GenerateDataKeyPairWithoutPlaintext", parameters, 2) == 1
    clock.advance(timedelta(seconds=1))
    assert allowed(old, "GenerateDataKeyPairWithoutPlaintext", parameters, 1) == 0
    clock.advance(timedelta(seconds=1))
    assert allowed(old, "GenerateDataKeyPairWithoutPlaintext", parameters, 2) == 1


def test_regions_and_accounts_count_apart(engine, kms, allowed):
    assert allowed(kms, "CreateKey", {}, 9) == 5
    assert allowed(engine.client(region="eu-west-1"), "CreateKey", {}, 9) == 5
    assert allowed(engine.client(account="444455556666"), "CreateKey", {}, 9) == 5


def test_the_account_that_calls_is_charged_and_not_the_owner_of_the_key(engine, kms, new_key, allowed):
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ['
        '"arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"]}, "Action": "kms:*", "Resource": "*"}]}'
    )
    key = new_key(Policy=policy)["Arn"]
    engine.set_limit("444455556666", "us-east-1", "symmetric", 2)
    parameters = {"KeyId": key, "Plaintext": b"a"}
    assert allowed(engine.client(account="444455556666"), "Encrypt", parameters, 4) == 2
    assert allowed(kms, "Encrypt", parameters, 4) == 4


def test_a_replica_costs_two_creations_in_its_region(engine, kms, new_key, allowed):
    keys = [new_key(MultiRegion=True)["KeyId"] for _ in range(3)]
    for key in keys[:2]:
        kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": "eu-west-1"})
    assert allowed(kms, "ReplicateKey", {"KeyId": keys[2], "ReplicaRegion": "eu-west-1"}, 1) == 0
    assert allowed(engine.client(region="eu-west-1"), "CreateKey", {}, 3) == 1


def test_a_custom_key_store_has_a_quota_of_its_own(kms, small, clock, allowed):
    store = kms("CreateCustomKeyStore", cloudhsm())["CustomKeyStoreId"]
    kms("ConnectCustomKeyStore", {"CustomKeyStoreId": store})
    key = kms("CreateKey", {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store})["KeyMetadata"]["KeyId"]
    assert allowed(kms, "GenerateDataKey", {"KeyId": key, "KeySpec": "AES_256"}, 700) == 600
    clock.advance(timedelta(seconds=1))
    assert allowed(kms, "GenerateRandom", {**RANDOM, "CustomKeyStoreId": store}, 601) == 600
    assert allowed(kms, "GenerateRandom", RANDOM, 10) == 10
    clock.advance(timedelta(seconds=1))
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"a"})["CiphertextBlob"]
    assert allowed(kms, "Decrypt", {"CiphertextBlob": blob}, 1800) == 1799


def test_denied_and_faulty_calls_count_against_nothing(kms, refused, new_key, allowed):
    for _ in range(9):
        assert refused("DisableKey", KeyId="alias/none").code == "NotFoundException"
    assert allowed(kms, "DisableKey", {"KeyId": new_key()["KeyId"]}, 9) == 5


def test_services_without_published_quotas_are_not_counted(kms, allowed):
    assert allowed(kms, "sts:GetCallerIdentity", {}, 300) == 300
    assert allowed(kms, "cloudtrail:LookupEvents", {}, 5) == 2


def test_without_a_profile_nothing_is_counted(tmp_path, clock):
    with Engine.open(tmp_path / "free", clock=clock) as free:
        for _ in range(20):
            free.client()("CreateKey", {})
    assert not (tmp_path / "free" / "kms.quota-counts").exists()


def test_two_engines_on_one_folder_share_one_count(engine, data, clock, kms, allowed):
    with Engine.open(data, clock=clock, quotas="2026") as other:
        assert allowed(kms, "CreateKey", {}, 3) == 3
        assert allowed(other.client(), "CreateKey", {}, 9) == 2


def test_a_raised_quota_counts_at_once_for_every_engine(engine, data, clock, kms, allowed):
    with Engine.open(data, clock=clock, quotas="2026") as other:
        engine.set_limit("111122223333", "us-east-1", "CreateKey", 8)
        assert allowed(other.client(), "CreateKey", {}, 20) == 8
        engine.reset_limits("111122223333", "us-east-1")
        clock.advance(timedelta(seconds=1))
        assert allowed(other.client(), "CreateKey", {}, 20) == 5


def test_a_reset_forgets_the_count(engine, kms, allowed):
    assert allowed(kms, "CreateKey", {}, 9) == 5
    engine.reset()
    assert allowed(kms, "CreateKey", {}, 9) == 5


def test_a_move_of_the_primary_counts_in_both_regions(engine, kms, new_key, allowed):
    engine.set_limit("111122223333", "eu-west-1", "UpdatePrimaryRegion", 1)
    keys = [new_key(MultiRegion=True)["KeyId"] for _ in range(2)]
    for key in keys:
        kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": "eu-west-1"})
    moves = [allowed(kms, "UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": "eu-west-1"}, 1) for key in keys]
    assert moves == [1, 0]


def test_a_folder_that_cannot_be_used_is_told(data, clock):
    from reconciler.kit.errors import KmsctlError

    Engine.open(data, clock=clock).close()
    (data / "kms.quota-counts").mkdir()
    with pytest.raises(KmsctlError, match=r"kms\.quota-counts"):
        Engine.open(data, clock=clock, quotas="2026")
