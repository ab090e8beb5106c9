"""The same reading through boto3, against a KMS that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from reconciler.kit.clock import ManualClock, SystemClock
from reconciler.kit.errors import KmsError
from reconciler.kms.account import identify
from reconciler.kms.aws import connect, region_of
from reconciler.kms.quotas import load_quotas
from reconciler.kms.retrying import Retrying
from reconciler.kms.throttled import Throttled
from reconciler.kms.usage import last_used
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedRotation
from reconciler.model.ownership import ROTATION_TAG
from reconciler.model.scope import Wanted
from reconciler.model.target import Target
from reconciler.model.usage import UsageUnknown
from tests.kms.estate import Estate, role

pytestmark = pytest.mark.moto
MOTO_ACCOUNT = "123456789012"


@pytest.fixture
def target(moto_endpoint: str) -> Target:
    return Target(backend="aws", region="us-east-1", endpoint_url=moto_endpoint)


@pytest.fixture
def moto(target: Target) -> Iterator[Estate]:
    with closing(connect(target)) as kms:
        clock = SystemClock()
        yield Estate(Retrying(Throttled(kms, load_quotas(region_of(target)), clock=clock), clock=clock), clock)


def test_the_account_is_identified(moto: Estate) -> None:
    assert identify(moto.kms, "us-east-1").account_id == MOTO_ACCOUNT


def test_an_assumed_role_is_who_calls(target: Target, moto_endpoint: str) -> None:
    assumed = Target(
        backend="aws", region="us-east-1", endpoint_url=moto_endpoint, role_arn=role("deployer", MOTO_ACCOUNT)
    )
    with closing(connect(assumed)) as kms:
        assert ":assumed-role/deployer/kmsctl" in identify(kms, "us-east-1").caller_arn


def test_a_key_in_full_is_read(moto: Estate) -> None:
    retirer = role("retirer", MOTO_ACCOUNT)
    key = moto.key("orders", tags={"team": "shop", ROTATION_TAG: "1/0"}, Description="Orders")
    moto.alias("alias/orders", key)
    moto.kms("EnableKeyRotation", {"KeyId": key})
    moto.kms("RotateKeyOnDemand", {"KeyId": key})
    moto.grant(key, "g", retirer=retirer, Constraints={"EncryptionContextEquals": {"a": "b"}})
    wanted = {"orders": Wanted(policy=True, rotation=True, serial=2, grants={"g": retirer})}
    seen, calls = moto.counted(wanted, parallelism=4)
    found = seen.keys[key]
    assert (found.description, found.tags["team"], found.state) == ("Orders", "shop", KeyState.ENABLED)
    assert found.policy
    assert found.rotation == ObservedRotation(True, None, 1)
    (grant,) = found.grants or ()
    assert grant.key_id == key
    assert grant.terms.retiring_principal == retirer
    assert grant.terms.constraints.encryption_context_equals == {"a": "b"}
    assert [alias.key_id for alias in seen.aliases.values()] == [key]
    assert calls["DescribeKey"] == 1


def test_a_list_of_retirable_grants_stands_for_a_list_a_key(moto: Estate) -> None:
    retirer = role("retirer", MOTO_ACCOUNT)
    keys = [moto.granted(name, retirer=retirer) for name in "abcd"]
    wanted = {name: Wanted(grants={f"{name}-g": retirer}) for name in "abcd"}
    seen, calls = moto.counted(wanted, parallelism=4)
    assert (calls["ListRetirableGrants"], "ListGrants" in calls) == (1, False)
    assert all(len(seen.keys[key].grants or ()) == 1 for key in keys)


def test_named_unmanaged_and_dying_keys_are_read(moto: Estate) -> None:
    dying, bare, tagged = moto.key("dying"), moto.bare(), moto.bare({"app": "legacy"})
    moto.alias("alias/bare", bare)
    moto.kms("ScheduleKeyDeletion", {"KeyId": dying, "PendingWindowInDays": 7})
    seen = moto.observe(
        {"dying": Wanted(policy=True, rotation=True, serial=1), "a": Wanted()},
        external={"alias/bare": Wanted(policy=True), "alias/none": Wanted()},
        adopt_tags={"a": {"app": "legacy"}},
        everything=True,
    )
    assert set(seen.keys) >= {dying, bare, tagged}
    assert seen.keys[dying].pending_deletion
    assert seen.keys[dying].deletion_date
    assert seen.keys[dying].rotation is None
    assert seen.keys[bare].policy
    assert seen.keys[tagged].tags == {"app": "legacy"}


def test_many_keys_come_in_pages(target: Target) -> None:
    names = [f"k{n}" for n in range(40)]
    with closing(connect(target)) as kms:
        unthrottled = Estate(kms, SystemClock())
        keys = {unthrottled.key(name) for name in names}
        assert set(unthrottled.observe(dict.fromkeys(names, Wanted()), parallelism=8).keys) == keys


def test_an_error_keeps_its_code(moto: Estate) -> None:
    with pytest.raises(KmsError) as caught:
        moto.kms("DescribeKey", {"KeyId": "00000000-0000-4000-8000-000000000000"})
    assert caught.value.code == "NotFoundException"


def test_without_any_record_of_use_it_is_unknown(target: Target) -> None:
    with closing(connect(target)) as kms:
        estate = Estate(kms, ManualClock(datetime(2026, 1, 1, tzinfo=UTC)))
        key = estate.bare()
        answers = last_used(kms, estate.account(), [key], clock=estate.clock)
    assert isinstance(answers[key], UsageUnknown)
