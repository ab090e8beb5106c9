"""Multi-Region keys: replicas, what they share and what not, and the move of the primary."""

from __future__ import annotations

import pytest

HOME, AWAY, FAR = "us-east-1", "eu-west-1", "ap-southeast-2"


@pytest.fixture
def away(engine):
    return engine.client(region=AWAY)


@pytest.fixture
def far(engine):
    return engine.client(region=FAR)


@pytest.fixture
def replicated(kms, new_key):
    """Create a multi-Region key with a replica; its id. Parameters as for CreateKey."""

    def create(region=AWAY, **parameters):
        key = new_key(MultiRegion=True, **parameters)["KeyId"]
        kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": region})
        return key

    return create


def describe(client, key):
    return client("DescribeKey", {"KeyId": key})["KeyMetadata"]


def test_a_ciphertext_of_one_region_decrypts_in_another(kms, away, replicated):
    key = replicated()
    there = away("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    here = kms("Encrypt", {"KeyId": key, "Plaintext": b"y"})["CiphertextBlob"]
    assert kms("Decrypt", {"CiphertextBlob": there})["Plaintext"] == b"x"
    assert away("Decrypt", {"CiphertextBlob": here})["Plaintext"] == b"y"


def test_the_primary_can_move(kms, away, replicated):
    key = replicated()
    kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": AWAY})
    assert describe(kms, key)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    assert describe(away, key)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
