"""A run: targets that are opened and closed, what is read of them, and a plan that knows what is in use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsctlError, Refused
from reconciler.manifest.documents import Manifests
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target
from reconciler.model.usage import UsedAt
from reconciler.plan.options import PlanOptions
from reconciler.workflow.apply import carry_out, must_be_fresh, open_saved
from reconciler.workflow.choice import Choice
from reconciler.workflow.environment import Environment
from reconciler.workflow.local import open_engine
from reconciler.workflow.plan import make_plan, saved
from reconciler.workflow.request import Request
from reconciler.workflow.session import open_session
from reconciler.workflow.show import list_keys
from reconciler.workflow.targets import connect_all, open_target
from tests.cli.samples import GRANT, ORDERS, SIGNING


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "kms", {}, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))


def request(*texts, stack="default", choice=None):
    manifests = load([Source("keys.yaml", "".join(texts), True)]) if texts else Manifests()
    return Request(manifests, stack, choice or Choice())


def apply_all(environment, *texts):
    with open_session(request(*texts), environment) as session:
        assert carry_out(session, make_plan(session, PlanOptions()).plan).ok


def test_the_home_of_the_bundled_kms_is_the_variable_or_a_folder_here():
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    assert str(Environment.of({"KMSCTL_HOME": "/x"}, clock).home) == "/x"
    assert str(Environment.of({}, clock).home) == ".kmsctl"
    assert str(Environment.of({"KMSCTL_HOME": ""}, clock).home) == ".kmsctl"


def test_a_target_that_is_refused_is_closed_again(environment):
    target = Target(account_id="111122223333", allowed_account_ids=("444455556666",))
    with pytest.raises(Refused):
        open_target(target, environment)


def test_a_failure_of_one_target_closes_those_that_were_opened(environment, monkeypatch):
    from reconciler.workflow import targets

    closed = []
    real = targets.open_target

    def opening(target, environment, *, parallelism):
        if target.name == "bad":
            raise KmsctlError("no")
        connection = real(target, environment, parallelism=parallelism)
        return targets.Connection(connection.kms, connection.account, lambda: (closed.append(1), connection.close()))

    monkeypatch.setattr(targets, "open_target", opening)
    bad = TargetName("bad")
    with pytest.raises(KmsctlError), connect_all({RUN_TARGET: Target(), bad: Target(bad)}, environment):
        pass
    assert closed == [1]


def test_two_targets_that_are_one_place_are_refused(environment):
    here = TargetName("here")
    with pytest.raises(Refused, match="one place: account 111122223333 in us-east-1") as refused:
        connect_all({RUN_TARGET: Target(), here: Target(here, region="us-east-1")}, environment).__enter__()
    assert refused.value.what.startswith("the run's target and target 'here'")
    assert "orphans" in refused.value.why


def test_targets_of_one_account_in_two_regions_are_two_places(environment):
    there = TargetName("there")
    with connect_all({RUN_TARGET: Target(), there: Target(there, region="eu-west-1")}, environment) as connections:
        assert {connection.account.region for connection in connections.values()} == {"us-east-1", "eu-west-1"}


def test_the_run_s_target_is_read_for_orphans_though_nothing_is_declared_on_it(environment):
    apply_all(environment, ORDERS)
    with open_session(request(), environment) as session:
        planned = make_plan(session, PlanOptions())
    assert [str(change.address) for change in planned.plan.changes] == ["Key/orders"]
    assert planned.scopes[RUN_TARGET].keys == {}


def test_destroying_gives_up_grants_on_foreign_keys_that_the_manifests_name(environment):
    engine = open_engine(environment)
    key = engine.client()("CreateKey", {})["KeyMetadata"]["KeyId"]
    engine.close()
    grant = GRANT.replace("keyRef: {name: orders}", f"key: {key}")
    apply_all(environment, grant)
    with open_session(request(grant), environment) as session:
        destroying = session.destroying()
        planned = make_plan(destroying, PlanOptions(prune=True, destroy=True))
        assert [type(step).__name__ for _, step in planned.plan.steps()] == ["RevokeGrant"]
        assert carry_out(destroying, planned.plan).ok
    with open_session(request(), environment) as session:
        assert session.connections[RUN_TARGET].kms("ListGrants", {"KeyId": key})["Grants"] == []


def test_showing_reads_each_key_once_with_its_rotation(environment):
    apply_all(environment, ORDERS, SIGNING)
    before = len(calls(environment))
    with open_session(request(), environment) as session:
        rows = list_keys(session).rows
    names = [name for name in calls(environment)[before:] if name in ("DescribeKey", "GetKeyRotationStatus")]
    assert sorted(names) == ["DescribeKey", "DescribeKey", "GetKeyRotationStatus"]
    assert [row.key.rotation is not None for row in rows] == [True, False]


def calls(environment):
    engine = open_engine(environment)
    names = [event["eventName"] for event in engine.events()]
    engine.close()
    return names


def test_last_use_is_read_only_when_it_makes_a_difference(environment):
    apply_all(environment, ORDERS)
    engine = open_engine(environment)
    engine.client()("Encrypt", {"KeyId": "alias/orders", "Plaintext": b"x"})
    engine.close()
    with open_session(request(ORDERS), environment) as session:
        quiet = make_plan(session, PlanOptions())
        risky = make_plan(session.destroying(), PlanOptions(prune=True, destroy=True))
    (unread,) = quiet.observed.targets[RUN_TARGET].keys.values()
    (read,) = risky.observed.targets[RUN_TARGET].keys.values()
    assert unread.last_use is None
    assert isinstance(read.last_use, UsedAt)
    assert "key-in-use" in {risk.name for change in risky.plan.changes for risk in change.risks}


def test_a_saved_plan_is_fresh_until_what_it_touches_changes(environment):
    with open_session(request(ORDERS, GRANT), environment) as session:
        kept = saved(make_plan(session, PlanOptions()), session)
    with open_saved(kept, environment) as session:
        must_be_fresh(session, kept)
        assert carry_out(session, kept.plan).ok
    with open_saved(kept, environment) as session, pytest.raises(Refused, match="stale"):
        must_be_fresh(session, kept)
