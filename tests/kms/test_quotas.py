"""The request quotas that come with kmsctl."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from reconciler.kms.quotas import load_quotas


@pytest.mark.parametrize(
    ("operation", "rate"),
    [
        ("DescribeKey", 2000),
        ("GetKeyPolicy", 1000),
        ("ListAliases", 500),
        ("ListGrants", 100),
        ("CreateGrant", 50),
        ("PutKeyPolicy", 15),
        ("TagResource", 10),
        ("CreateKey", 5),
        ("GetParametersForImport", 1),
        ("CreateCustomKeyStore", 5),
        ("cloudtrail:LookupEvents", 2),
        ("Sign", 1000),
    ],
)
def test_an_operation_has_its_quota(operation: str, rate: float) -> None:
    quotas = load_quotas("sa-east-1")
    assert quotas.rate(quotas.bucket(operation)) == rate


@pytest.mark.parametrize(
    ("region", "profile", "rate"),
    [
        ("us-east-1", None, 100_000),
        ("us-east-1", "2026", 100_000),
        ("us-east-1", "2021", 30_000),
        ("eu-central-1", "2026", 20_000),
        ("eu-central-1", "2021", 10_000),
        ("sa-east-1", "2026", 10_000),
        ("sa-east-1", "2021", 5_500),
    ],
)
def test_symmetric_operations_share_a_pool_sized_by_region_and_year(region: str, profile, rate: float) -> None:
    quotas = load_quotas(region, profile)
    buckets = {quotas.bucket(operation) for operation in ("Encrypt", "Decrypt", "GenerateRandom", "VerifyMac")}
    assert [quotas.rate(bucket) for bucket in buckets] == [rate]


def test_every_operation_of_the_data_exists() -> None:
    services = {"": "kms", "tagging": "resourcegroupstaggingapi", "sts": "sts", "cloudtrail": "cloudtrail"}
    known = {prefix: get_session().get_service_model(name).operation_names for prefix, name in services.items()}
    quotas = load_quotas("us-east-1")
    for operation in {*quotas.rates, *quotas.pools} - set(quotas.pools.values()):
        prefix, _, name = operation.rpartition(":")
        assert name in known[prefix]
