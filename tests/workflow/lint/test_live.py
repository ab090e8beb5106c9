"""What is read of keys as they are, and in how many calls."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from reconciler.lint import Severity
from reconciler.manifest.documents import Manifests
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.identifiers import RUN_TARGET
from reconciler.plan.options import PlanOptions
from reconciler.workflow.apply import carry_out
from reconciler.workflow.environment import Environment
from reconciler.workflow.lint.live import lint_live
from reconciler.workflow.plan import make_plan
from reconciler.workflow.request import Request
from reconciler.workflow.session import open_session
from tests.cli.samples import ORDERS, SIGNING
from tests.support.faulty import Fault, Faulty

DENIED = KmsError("AccessDeniedException", "no")
NOBODYS = Request(Manifests(), "default")


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "kms", {}, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))


def request(*texts):
    return Request(load([Source("keys.yaml", "".join(texts))]), "default")


def applied(environment, *texts):
    with open_session(request(*texts), environment) as session:
        assert carry_out(session, make_plan(session, PlanOptions()).plan).ok


@contextmanager
def watched(environment, of, *faults):
    """A session whose calls are counted, and fail as `faults` say."""
    with open_session(of, environment) as session:
        connection = session.connections[RUN_TARGET]
        faulty = Faulty(connection.kms, *faults)
        yield replace(session, connections={RUN_TARGET: replace(connection, kms=faulty)}), faulty


def test_a_key_costs_four_calls_and_an_account_three(environment):
    applied(environment, ORDERS)
    with watched(environment, request(ORDERS)) as (session, kms):
        report = lint_live(session, request(ORDERS), Severity.ERROR)
    assert report.keys == 1
    assert sorted(name for name, _ in kms.calls) == [
        "DescribeKey",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListAliases",
        "ListGrants",
        "tagging:GetResources",
    ]


def test_of_a_whole_account_keys_of_the_stack_and_of_nobody_are_read_alike(environment):
    applied(environment, ORDERS, SIGNING)
    with watched(environment, NOBODYS) as (session, kms):
        session.connections[RUN_TARGET].kms("CreateKey", {})
        report = lint_live(session, NOBODYS, Severity.ERROR)
    assert report.keys == 3
    assert (kms.count("GetKeyPolicy"), kms.count("ListGrants"), kms.count("ListKeys")) == (3, 3, 1)


def test_a_key_of_nobody_that_may_not_be_read_is_told(environment):
    with watched(environment, NOBODYS, Fault(DENIED, "GetKeyPolicy")) as (session, _):
        key = session.connections[RUN_TARGET].kms("CreateKey", {})["KeyMetadata"]["KeyId"]
        report = lint_live(session, NOBODYS, Severity.ERROR)
    assert (report.keys, report.unread) == (0, {key: "AccessDeniedException"})


def test_a_key_of_the_stack_that_may_not_be_read_is_an_error(environment):
    applied(environment, ORDERS)
    with (
        watched(environment, request(ORDERS), Fault(DENIED, "GetKeyPolicy")) as (session, _),
        pytest.raises(KmsError, match="AccessDenied"),
    ):
        lint_live(session, request(ORDERS), Severity.ERROR)


def test_keys_of_the_stack_that_nobody_declares_have_no_address(environment):
    applied(environment, ORDERS, SIGNING)
    with watched(environment, NOBODYS) as (session, _):
        report = lint_live(session, NOBODYS, Severity.ERROR)
    assert {finding.address for finding in report.findings} <= {None}
