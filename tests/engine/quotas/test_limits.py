"""The values of quotas, and resource quotas."""

from __future__ import annotations

import json

import pytest

from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsctlError
from reconciler.kit.quotas import PROFILES, load
from tests.engine.custom_stores.conftest import external

PLACE = ("111122223333", "us-east-1")


@pytest.fixture
def engine(data, clock):
    with Engine.open(data, clock=clock) as opened:
        yield opened


def named(engine, name, place=PLACE):
    (found,) = (limit for limit in engine.limits(*place) if limit.name == name)
    return found


def test_every_quota_has_a_value_a_default_and_a_unit(engine):
    limit = named(engine, "symmetric")
    assert (limit.value, limit.default, limit.unit, limit.adjustable) == (100_000, 100_000, "requests/s", True)
    assert named(engine, "symmetric", ("111122223333", "eu-south-1")).value == 10_000
    assert (named(engine, "AWS_CLOUDHSM").value, named(engine, "AWS_CLOUDHSM").adjustable) == (1_800, False)
    assert named(engine, "keys").unit == "at most"
    assert named(engine, "GenerateDataKeyPair:RSA_4096").value == 1


def test_a_quota_that_was_raised_tells_its_default(engine):
    engine.set_limit(*PLACE, "CreateKey", 50)
    assert (named(engine, "CreateKey").value, named(engine, "CreateKey").default) == (50, 5)
    assert named(engine, "CreateKey", ("111122223333", "eu-west-1")).value == 5
    engine.set_limit(*PLACE, "CreateKey", 60)
    assert named(engine, "CreateKey").value == 60
    engine.reset_limits(*PLACE)
    assert named(engine, "CreateKey").value == 5


WRONG = {
    "no such quota": ("Createkey", 5, "CreateKey"),
    "nothing like it": ("zzz", 5, "kmsctl local quota list"),
    "fixed": ("AWS_CLOUDHSM", 5, ""),
    "fixed resource": ("on-demand-rotations", 30, ""),
    "nothing": ("CreateKey", 0, "above 0"),
    "endless": ("CreateKey", float("inf"), "above 0"),
    "no number": ("CreateKey", float("nan"), "above 0"),
    "half a key": ("keys", 1.5, ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_quota_that_cannot_be_is_refused(engine, case):
    name, value, fix = WRONG[case]
    with pytest.raises(KmsctlError) as caught:
        engine.set_limit(*PLACE, name, value)
    assert fix in caught.value.fix


def test_an_account_has_so_many_keys_in_a_region(engine, kms, refused, new_key, clock):
    from datetime import timedelta

    engine.set_limit(*PLACE, "keys", 2)
    first = new_key()["KeyId"]
    new_key()
    assert refused("CreateKey").code == "LimitExceededException"
    engine.client(region="eu-west-1")("CreateKey", {})
    kms("ScheduleKeyDeletion", {"KeyId": first, "PendingWindowInDays": 7})
    assert refused("CreateKey").code == "LimitExceededException"
    clock.advance(timedelta(days=7))
    new_key()


def test_aliases_grants_and_custom_key_stores_have_quotas(engine, kms, refused, new_key):
    for name in ("aliases-per-key", "grants-per-key", "custom-key-stores"):
        engine.set_limit(*PLACE, name, 1)
    key = new_key()["KeyId"]
    grant = {"KeyId": key, "GranteePrincipal": "arn:aws:iam::111122223333:user/a", "Operations": ["Encrypt"]}
    for operation, parameters, again in (
        ("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key}, {"AliasName": "alias/b", "TargetKeyId": key}),
        ("CreateGrant", grant, grant),
        ("CreateCustomKeyStore", external("a"), external("b", path="/b/kms/xks/v1")),
    ):
        kms(operation, parameters)
        assert refused(operation, **again).code == "LimitExceededException"


@pytest.mark.parametrize("profile", PROFILES)
def test_every_operation_of_the_model_has_a_quota_of_its_own_or_in_a_pool(profile):
    from botocore.session import get_session

    data = load(profile)
    pooled = {operation for pool in data.pools.values() for operation in pool.operations}
    listed = {*data.operations, *pooled, "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"}
    known = set(get_session().get_service_model("kms").operation_names)
    assert {name for name in listed if ":" not in name} <= known
    if profile == "2026":
        assert known <= listed
    assert (data.date, data.source) != ("", "")


def test_replicas_count_as_keys_of_their_region(engine, kms, refused, new_key):
    engine.set_limit("111122223333", "eu-west-1", "keys", 1)
    first, second = (new_key(MultiRegion=True)["KeyId"] for _ in range(2))
    kms("ReplicateKey", {"KeyId": first, "ReplicaRegion": "eu-west-1"})
    assert refused("ReplicateKey", KeyId=second, ReplicaRegion="eu-west-1").code == "LimitExceededException"


def test_grants_count_by_the_quota_of_the_keys_account_whoever_creates_them(engine, kms, refused, new_key):
    """Source: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html (grants per KMS key)."""
    other = "444455556666"
    allow = {"Effect": "Allow", "Resource": "*", "Action": "kms:*"}
    named = [allow | {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}} for account in (PLACE[0], other)]
    key = new_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": named}))["Arn"]
    grant = {"KeyId": key, "GranteePrincipal": f"arn:aws:iam::{other}:user/a", "Operations": ["Encrypt"]}
    engine.set_limit(other, PLACE[1], "grants-per-key", 1)
    guest = engine.client(account=other)
    guest("CreateGrant", grant)
    guest("CreateGrant", grant)
    engine.set_limit(*PLACE, "grants-per-key", 2)
    assert refused("CreateGrant", guest, **grant).code == "LimitExceededException"
