"""The quotas that come with kmsctl, as data."""

from __future__ import annotations

import pytest

from reconciler.kit.quotas import CURRENT, PROFILES, load


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_says_where_it_is_from_and_of_when(profile):
    data = load(profile)
    assert data.source.startswith("https://")
    assert profile in data.date


@pytest.mark.parametrize(
    ("profile", "region", "symmetric", "rsa", "ecc"),
    [
        ("2026", "us-east-1", 100_000, 1_000, 1_000),
        ("2026", "eu-central-1", 20_000, 1_000, 1_000),
        ("2026", "sa-east-1", 10_000, 1_000, 1_000),
        ("2021", "us-east-1", 30_000, 500, 300),
        ("2021", "eu-central-1", 10_000, 500, 300),
        ("2021", "sa-east-1", 5_500, 500, 300),
    ],
)
def test_pools_have_their_size_by_region_and_year(profile, region, symmetric, rsa, ecc):
    pools = load(profile).pools
    assert [pools[name].rate(region) for name in ("symmetric", "rsa", "ecc")] == [symmetric, rsa, ecc]


def test_data_key_pairs_and_custom_key_stores_have_quotas_of_their_own():
    data = load(CURRENT)
    assert [data.data_key_pairs[f"RSA_{bits}"] for bits in (2048, 3072, 4096)] == [20, 4, 1]
    assert load("2021").data_key_pairs["RSA_4096"] == 0.1
    assert (data.custom_key_stores["AWS_CLOUDHSM"].value, data.custom_key_stores["AWS_CLOUDHSM"].adjustable) == (
        1_800,
        False,
    )
    assert data.weights["GenerateDataKey"] == 3


def test_quotas_of_resources_say_whether_aws_raises_them():
    fixed = {name for name, quota in load().resources.items() if not quota.adjustable}
    assert fixed == {"on-demand-rotations", "tags-per-key", "policy-bytes"}
