"""One leader among real processes at a real API server, with no more rights than the lease needs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.waiting import eventually

ROOT = Path(__file__).parents[2]
RULES = [
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]},
    {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "resourceNames": ["kmsctl-operator"],
        "verbs": ["get", "update"],
    },
]


class Candidate:
    """A process, and what it has said."""

    def __init__(self, cluster: Cluster, namespace: str, identity: str, folder: Path):
        token = cluster.token_for(namespace, "operator")
        self._output = folder / identity
        environment = cluster.environment(cluster.kubeconfig_for(token, namespace=namespace))
        command = [sys.executable, "-m", "tests.e2e.candidate", namespace, identity]
        with self._output.open("w") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output)

    def says(self, word: str) -> bool:
        return word in self._output.read_text().split()

    def becomes(self, word: str, within: float) -> float:
        """Seconds until it says `word`."""
        begun = time.monotonic()
        eventually(lambda: self.says(word), within=within, what=f"a candidate is {word}")
        return time.monotonic() - begun


@pytest.fixture
def candidates(cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[tuple[Candidate, Candidate]]:
    """One that leads, and one that stands by."""
    subjects = [{"kind": "ServiceAccount", "name": "operator", "namespace": namespace}]
    rbac = "rbac.authorization.k8s.io"
    cluster.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "operator"}},
        {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "lease"}, "rules": RULES},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "lease"},
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "lease"},
            "subjects": subjects,
        },
        namespace=namespace,
    )
    first = Candidate(cluster, namespace, "first", tmp_path)
    first.becomes("leading", within=30)
    second = Candidate(cluster, namespace, "second", tmp_path)
    second.becomes("standing", within=30)
    yield first, second
    for candidate in (first, second):
        candidate.process.kill()
        candidate.process.wait()


def test_a_standby_takes_over_within_20_seconds_of_a_leader_that_was_killed(cluster, namespace, candidates):
    first, second = candidates
    eventually(lambda: renewed(cluster, namespace), within=20, what="the lease is renewed")
    assert not second.says("leading")
    first.process.kill()
    assert 5 < second.becomes("leading", within=20) < 20
    lease = cluster.get("lease", "kmsctl-operator", namespace=namespace)["spec"]
    assert (lease["holderIdentity"], lease["leaseTransitions"]) == ("second", 1)


def test_a_standby_takes_over_within_4_seconds_of_a_leader_that_ended_well(candidates):
    first, second = candidates
    first.process.terminate()
    assert second.becomes("leading", within=10) < 4
    assert first.process.wait(10) == 0
    assert first.says("released")


def test_no_two_lead_when_the_api_server_restarts_and_one_does_afterwards(cluster, candidates):
    first, second = candidates
    cluster.restart_apiserver()

    def leading():
        return [first.says("leading") and not first.says("lost"), second.says("leading")]

    eventually(lambda: sum(leading()) == 1, within=40, what="one of them leads")
    first.process.terminate()
    second.becomes("leading", within=30)
    assert first.process.wait(10) == 0


def renewed(cluster: Cluster, namespace: str) -> bool:
    lease = cluster.get("lease", "kmsctl-operator", namespace=namespace)["spec"]
    return lease["renewTime"] != lease["acquireTime"]
