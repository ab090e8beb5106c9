"""Each right that the operator needs when it starts: without it, it does not, and says so."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cluster.audit import Request
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.security.rules import RULES, Rule, roles_of, rules_of, without

LEASES = "leases.coordination.k8s.io"
AT_START = [rule for rule in RULES if rule.verb in ("list", "watch") or rule.resource == LEASES]
_AT_ONCE = 3
_SUBJECT = "kmsctl"


@dataclass
class Attempt:
    """An operator without one right, in a namespace of its own."""

    rule: Rule
    process: OperatorProcess
    denied: list[Request] = field(default_factory=list)
    exit_code: int | None = None
    """None where it had to be told to end."""


def namespace_of(rule: Rule) -> str:
    return "without-" + re.sub("[^a-z]+", "-", str(rule).removesuffix(".kms.reconciler.dev"))


def rights_without(rule: Rule, roles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A service account in a namespace of its own that has the roles of the release but for one rule."""
    namespace = namespace_of(rule)
    subject = {"kind": "ServiceAccount", "name": _SUBJECT, "namespace": namespace}
    made: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": _SUBJECT, "namespace": namespace}},
    ]
    for number, role in enumerate(roles):
        mine = copy.deepcopy(without(role, rule))
        mine["metadata"]["name"] = f"{namespace}-{number}"
        if "namespace" in mine["metadata"]:
            mine["metadata"]["namespace"] = namespace
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": mine["kind"], "name": mine["metadata"]["name"]}
        kind = f"{mine['kind']}Binding"
        made += [mine, {**mine, "kind": kind, "roleRef": reference, "subjects": [subject]}]
        del made[-1]["rules"]
    if rule == Rule("update", LEASES):
        metadata = {"name": "kmsctl-operator", "namespace": namespace}
        made.append({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": {}})
    return made


def attempt(cluster: Cluster, rule: Rule, folder: Path, settings: Mapping[str, str]) -> Attempt:
    """Start an operator without `rule`, and end it once it was denied that, if it does not end by itself."""
    namespace = namespace_of(rule)
    mine = {**settings, "KMSCTL_LEADER_ELECT": "", "KMSCTL_NAMESPACES": namespace}
    process = OperatorProcess(cluster, namespace, folder, name=namespace, settings=mine)
    tried = Attempt(rule, process)
    process.start(wait=False)

    def denied() -> bool:
        tried.denied = [request for request in cluster.requests(process.user) if request.forbidden]
        return bool(tried.denied) or not process.child.runs

    eventually(denied, within=60, what=f"the operator is denied to {rule}")
    if rule.verb == "list":
        eventually(lambda: not process.child.runs, within=60, what=f"the operator ends without {rule}")
        tried.exit_code = process.child.exit_code
    process.stop()
    return tried


@pytest.fixture(scope="module")
def attempts(cluster, installation) -> dict[Rule, Attempt]:
    """All of them, a few at a time."""
    installation.install()
    roles = roles_of(cluster, installation.namespace)
    assert set().union(*map(rules_of, roles)) == set(RULES)
    cluster.apply(*(each for rule in AT_START for each in rights_without(rule, roles)))
    settings = installation.settings()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tried = pool.map(lambda rule: attempt(cluster, rule, installation.folder, settings), AT_START)
        return {each.rule: each for each in tried}


@pytest.mark.parametrize("rule", AT_START, ids=str)
def test_the_operator_is_denied_what_the_chart_does_not_give_it(attempts, rule):
    denied = {Rule(request.verb, request.resource) for request in attempts[rule].denied}
    assert denied == {rule}


@pytest.mark.parametrize("rule", [rule for rule in AT_START if rule.verb == "list"], ids=str)
def test_an_operator_that_may_not_list_ends_and_says_what_it_may_not(attempts, rule):
    tried = attempts[rule]
    assert tried.exit_code == 1
    text = tried.process.child.text()
    assert f"{rule.resource} cannot be listed" in text
    assert "service account" in text


def test_the_lease_is_the_one_thing_that_an_operator_writes_before_it_leads(cluster, attempts):
    for rule, tried in attempts.items():
        writes = {request.resource for request in cluster.requests(tried.process.user) if request.writes}
        assert writes <= {LEASES} or rule.verb == "watch", f"without {rule}: {sorted(writes)}"
