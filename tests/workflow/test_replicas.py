"""Replicas that the tags do not show: found by what KMS says of their primary."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.plan.changes import Action
from reconciler.plan.options import PlanOptions
from reconciler.workflow.apply import carry_out, open_saved, vetted
from reconciler.workflow.environment import Environment
from reconciler.workflow.local import open_engine
from reconciler.workflow.plan import make_plan, saved
from reconciler.workflow.request import Request
from reconciler.workflow.session import open_session

HEAD = "apiVersion: kms.reconciler.dev/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec: {}\n---\n"
PRIMARY = HEAD.format("Target", "eu", "{backend: local, region: eu-west-1}") + HEAD.format(
    "Key", "orders", "{multiRegion: true}"
)
REPLICA = HEAD.format("ReplicaKey", "orders-eu", "{primaryRef: {name: orders}, targetRef: {name: eu}}")
ADOPTED = REPLICA.replace("targetRef", "adopt: true, targetRef")


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "kms", {}, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))


def request(*texts):
    return Request(load([Source("keys.yaml", "".join(texts), True)]), "default")


def actions(planned):
    return {str(change.address): change.action for change in planned.plan.changes}


@pytest.fixture
def nobodys(environment):
    """A key of the stack, which somebody else has replicated."""
    with open_session(request(PRIMARY), environment) as session:
        (created,) = carry_out(session, make_plan(session, PlanOptions()).plan).created.values()
    with open_engine(environment) as engine:
        engine.client()("ReplicateKey", {"KeyId": created, "ReplicaRegion": "eu-west-1"})
    return created


def test_one_that_is_nobodys_blocks_the_plan_until_it_is_adopted(environment, nobodys):
    with open_session(request(PRIMARY, REPLICA), environment) as session:
        assert actions(make_plan(session, PlanOptions()))["ReplicaKey/orders-eu@eu"] is Action.BLOCKED
    with open_session(request(PRIMARY, ADOPTED), environment) as session:
        planned = make_plan(session, PlanOptions())
        assert actions(planned)["ReplicaKey/orders-eu@eu"] is Action.ADOPT
        assert carry_out(session, planned.plan).ok
        assert not make_plan(session, PlanOptions()).plan.effective


def test_a_saved_plan_reads_it_again_before_it_is_applied(environment, nobodys):
    with open_session(request(PRIMARY, ADOPTED), environment) as session:
        file = saved(make_plan(session, PlanOptions()), session)
    assert file.scopes["eu"].external.keys() == {nobodys}
    with open_saved(file, environment) as session:
        assert carry_out(session, vetted(session, file).plan).ok


def test_a_saved_plan_of_replicas_is_applied_elsewhere(environment):
    with open_session(
        request(PRIMARY.replace("multiRegion", "primaryRegion: eu-west-1, multiRegion"), REPLICA), environment
    ) as session:
        file = saved(make_plan(session, PlanOptions()), session)
    with open_saved(file, environment) as session:
        outcome = carry_out(session, vetted(session, file).plan)
    assert [type(result.step).__name__ for result in outcome.done] == ["CreateKey", "ReplicateKey", "UpdatePrimary"]
