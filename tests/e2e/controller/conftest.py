"""One KMS and one operator for all tests of the folder, and a place for each of them."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.controller.cluster.refs import API_VERSION, path_of
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.controller import rights
from tests.e2e.controller.kms import Account, KmsServer
from tests.e2e.controller.people import ACCOUNTS
from tests.e2e.controller.place import Place, credentials
from tests.e2e.controller.processes import OperatorProcess

ROOT = Path(__file__).parents[3]
CRDS = ROOT / "operator" / "crds"
_LOG_LINES = 120
_numbers = itertools.count()
_left: list[Place] = []
"""Places of tests that are over; their Targets go once the namespace has."""


@pytest.fixture(scope="session")
def definitions(cluster: Cluster) -> None:
    """Our kinds, known to the API server."""
    cluster.kubectl("apply", "--server-side", f"--kustomize={CRDS}")
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", f"--filename={CRDS / 'keys.yaml'}")


@pytest.fixture(scope="session")
def kms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KmsServer]:
    """The KMS of the run, with authorisation on. A test that stops it starts it again."""
    server = KmsServer(tmp_path_factory.mktemp("e2e") / "kms")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def operator_namespace(cluster: Cluster) -> str:
    """Where operators are, with their service account, its rights as the chart has them, and the Secrets of Targets."""
    name = "kmsctl-system"
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    rights.grant(cluster, name)
    return name


@pytest.fixture(scope="session")
def shared(
    cluster: Cluster, operator_namespace: str, definitions: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    """The operator of the run. Whatever tests did to it, it had no fault of its own."""
    process = OperatorProcess(cluster, operator_namespace, tmp_path_factory.mktemp("operator"))
    yield process
    process.stop()
    for fault in ("could not be reconciled", "InternalError"):
        assert fault not in process.child.text()


@pytest.fixture
def operator(shared: OperatorProcess, kms: KmsServer) -> OperatorProcess:
    """The operator of the run, working. A test may end it in any way, and start others; the next one finds it again."""
    if not kms.child.runs:
        kms.start()
    if not shared.child.runs:
        shared.start()
    return shared


@pytest.fixture
def place(cluster: Cluster, operator: OperatorProcess, kms: KmsServer) -> Iterator[Place]:
    """Where the test is. What it leaves behind is deleted by the operator, after the test."""
    made = make_place(cluster, kms, operator.namespace)
    yield made
    leave(made)


def make_place(
    cluster: Cluster, kms: KmsServer, operator_namespace: str, *, target: bool = True, account: str = ""
) -> Place:
    """A namespace, an account, and unless the test makes it itself, a Target."""
    name = f"e2e-{secrets.token_hex(4)}"
    cluster.api.call("POST", path_of("v1", "namespaces"), {"metadata": {"name": name}})
    number = account or ACCOUNTS[next(_numbers)]
    secret = credentials(operator_namespace, name, number)
    cluster.api.call("POST", path_of("v1", "secrets", operator_namespace), secret)
    made = Place(cluster, name, Account(kms, number), target=name, secret=name)
    if target:
        made.add_target()
    return made


def leave(place: Place) -> None:
    """Delete what a test made; whoever was there before goes meanwhile."""
    place.cluster.api.call("DELETE", path_of("v1", "namespaces", "", place.namespace))
    for other in tuple(_left):
        if other.cluster.api.call("GET", path_of("v1", "namespaces", "", other.namespace)).status == 404:
            for target in other.targets:
                other.cluster.api.call("DELETE", path_of(API_VERSION, "targets", "", target))
            _left.remove(other)
    _left.append(place)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test that fails shows what the operator and the KMS logged last."""
    report = yield
    if report.failed:
        for name in ("shared", "kms"):
            process = getattr(item, "funcargs", {}).get(name)
            if process is not None:
                lines = process.child.text().splitlines()[-_LOG_LINES:]
                report.sections.append((f"log of {process.child.name}", "\n".join(lines)))
    return report
