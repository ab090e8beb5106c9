"""The same steps through boto3, on a KMS that nobody here wrote."""

from __future__ import annotations

from contextlib import closing

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kms.aws import connect
from reconciler.model.identifiers import Days
from reconciler.model.target import Target
from reconciler.plan.steps import CreateAlias, ExistingKey, ScheduleDeletion
from tests.apply.build import aliases, key_address, key_change, live_keys, plan_of, resource, run

pytestmark = pytest.mark.moto


@pytest.fixture
def moto(moto_endpoint: str):
    with closing(connect(Target(backend="aws", region="us-east-1", endpoint_url=moto_endpoint))) as kms:
        yield kms


def test_a_key_its_alias_and_its_grant_are_made_and_a_second_apply_keeps_them(moto, clock: ManualClock):
    first = run(plan_of(*resource("orders")), moto, clock, 4)
    assert [str(result.error) for result in first.failed] == []
    key_id = first.created[key_address("orders")]
    second = run(plan_of(*resource("orders")), moto, clock, 4)
    assert second.created == {key_address("orders"): key_id}
    assert [key["KeyId"] for key in live_keys(moto)] == [key_id]
    assert aliases(moto)["alias/orders"] == key_id


def test_what_is_already_so_is_a_success(moto, clock: ManualClock):
    [created] = run(plan_of(key_change("orders")), moto, clock).created.values()
    key = ExistingKey(created)
    steps = (CreateAlias("alias/orders", key), ScheduleDeletion(key, Days(7)))
    change = key_change("orders")
    plan = plan_of(type(change)(change.address, change.action, change.reason, steps=steps, resource_id=created))
    assert run(plan, moto, clock).ok
    assert [str(result.error) for result in run(plan, moto, clock).failed] == []
