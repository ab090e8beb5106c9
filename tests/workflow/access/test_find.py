"""The key that is asked about, where a KMS refuses or hides something."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.manifest.documents import Manifests
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.plan.options import PlanOptions
from reconciler.workflow.access.find import find_key
from reconciler.workflow.apply import carry_out
from reconciler.workflow.environment import Environment
from reconciler.workflow.plan import make_plan
from reconciler.workflow.request import Request
from reconciler.workflow.session import Session, open_session
from tests.cli.samples import target

EU = TargetName("eu")
WIDE = f"""\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {{name: wide}}
spec: {{multiRegion: true, rotation: {{none: {{reason: a test}}}}, policy: {{administrators: [role/platform]}}}}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: ReplicaKey
metadata: {{name: wide-eu}}
spec: {{primaryRef: {{name: wide}}, targetRef: {{name: eu}}, policy: {{administrators: [role/platform]}}}}
{target("eu", region="eu-west-1")}"""


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "kms", {}, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))


def request(*texts):
    return Request(load([Source("keys.yaml", "".join(texts), True)]) if texts else Manifests(), "default")


def through(session: Session, name: TargetName, around) -> Session:
    """`session` with `around(kms)` for the KMS of one target."""
    connection = session.connections[name]
    return replace(session, connections={**session.connections, name: replace(connection, kms=around(connection.kms))})


def refusing(refused):
    def around(kms):
        def call(operation, parameters):
            if operation == refused:
                raise KmsError("AccessDeniedException", "no", operation=operation)
            return kms(operation, parameters)

        return call

    return around


@pytest.mark.parametrize("operation", ["DescribeKey", "GetKeyPolicy", "ListGrants"])
def test_a_key_that_may_not_be_read_is_told_from_one_that_is_not_there(environment, operation):
    with open_session(request(), environment) as session:
        key = session.connections[RUN_TARGET].kms("CreateKey", {})["KeyMetadata"]["Arn"]
        with pytest.raises(KmsctlError, match="cannot be read") as refused:
            find_key(through(session, RUN_TARGET, refusing(operation)), key, planned=False)
        assert refused.value.why == "AccessDeniedException"
        with pytest.raises(KmsctlError, match="there is no key alias/none"):
            find_key(through(session, RUN_TARGET, refusing(operation)), "alias/none", planned=False)


def test_primary_and_replica_are_each_asked_about_where_they_are(environment):
    with open_session(request(WIDE), environment) as session:
        found = {name: find_key(session, name, planned=True) for name in ("wide", "wide-eu")}
    assert {name: (one.facts.region, one.facts.replica, one.target) for name, one in found.items()} == {
        "wide": ("us-east-1", False, RUN_TARGET),
        "wide-eu": ("eu-west-1", True, EU),
    }
    assert found["wide"].shown.new
    assert found["wide-eu"].shown.statements[1].line == 9


def test_a_replica_that_the_tagging_index_does_not_list_yet_is_found_by_its_primary(environment):
    def forgetful(kms):
        def call(operation, parameters):
            answer = kms(operation, parameters)
            return {"ResourceTagMappingList": []} if operation == "tagging:GetResources" else answer

        return call

    with open_session(request(WIDE), environment) as session:
        assert carry_out(session, make_plan(session, PlanOptions()).plan).ok
        found = find_key(through(session, EU, forgetful), "wide-eu", planned=True)
    assert (found.shown.title, found.shown.new) == ("ReplicaKey/wide-eu@eu", False)
