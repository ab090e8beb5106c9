"""A cluster, a KMS and operators that the tests of this folder may break."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.controller import rights
from tests.e2e.controller.conftest import CRDS, leave, make_place
from tests.e2e.controller.kms import KmsServer
from tests.e2e.controller.place import Place
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.faults.relay import Relay
from tests.e2e.faults.tap import Tap

SOAKING = os.environ.get("KMSCTL_SOAK", "") not in {"", "0"}
"""`make e2e-soak`: the same tests for longer, and with more objects."""
NAMESPACE = "kmsctl-system"
_LOG_LINES = 60

Operators = Callable[..., OperatorProcess]


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """A control plane of the folder's own: it is killed now and then, and only operators of the folder work on it."""
    with Cluster.start() as running:
        running.kubectl("apply", "--server-side", f"--kustomize={CRDS}")
        running.kubectl("wait", "--for=condition=Established", "--timeout=60s", f"--filename={CRDS / 'keys.yaml'}")
        running.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        rights.grant(running, NAMESPACE)
        yield running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KmsServer]:
    """The KMS of the folder."""
    made = KmsServer(tmp_path_factory.mktemp("faults") / "kms")
    yield made
    made.stop()


@pytest.fixture
def kms(server: KmsServer) -> KmsServer:
    """The KMS, at work. A test may end it in any way."""
    if not server.child.runs:
        server.start()
    return server


@pytest.fixture(scope="package")
def shared(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorProcess]:
    """The operator of tests that do it no harm."""
    process = OperatorProcess(cluster, NAMESPACE, tmp_path_factory.mktemp("operator"))
    yield process
    process.stop()


@pytest.fixture
def operator(shared: OperatorProcess, kms: KmsServer) -> OperatorProcess:
    """An operator that works, and has to go on working."""
    if not shared.child.runs:
        shared.start()
    return shared


@pytest.fixture
def operators(
    cluster: Cluster, kms: KmsServer, shared: OperatorProcess, request: pytest.FixtureRequest, tmp_path: Any
) -> Iterator[Operators]:
    """Makes operators of the test's own, by name; until they end there is no other."""
    shared.stop()
    made: list[OperatorProcess] = []

    def make(name: str = "operator", **settings: str) -> OperatorProcess:
        made.append(OperatorProcess(cluster, NAMESPACE, tmp_path, name=name, settings=settings))
        return made[-1]

    request.node.own_operators = made
    with ExitStack() as ending:
        yield make
        for process in made:
            ending.callback(process.stop)


@pytest.fixture
def place(cluster: Cluster, kms: KmsServer) -> Iterator[Place]:
    """Where the test is, without an operator."""
    made = make_place(cluster, kms, NAMESPACE)
    yield made
    for name in made.targets:
        if made.find("Target", name) is not None:
            made.patch("Target", name, endpointUrl=kms.url)  # for whoever clears up
    leave(made)


@pytest.fixture
def tap(kms: KmsServer) -> Iterator[Tap]:
    """On the wire to the KMS."""
    made = Tap(kms.url)
    yield made
    made.close()


@pytest.fixture
def relay(cluster: Cluster) -> Iterator[Relay]:
    """On the wire to the API server."""
    made = Relay(int(cluster.url.rpartition(":")[2]))
    yield made
    made.close()


@pytest.fixture
def seed(record_property: Callable[[str, object], None]) -> str:
    """Of everything that is left to chance; $KMSCTL_SOAK_SEED, and shown."""
    chosen = os.environ.get("KMSCTL_SOAK_SEED") or secrets.token_hex(4)
    record_property("seed", chosen)
    print(f"KMSCTL_SOAK_SEED={chosen}")
    return chosen


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test that fails shows what the operators and the KMS logged last."""
    report = yield
    if report.failed:
        used = getattr(item, "funcargs", {})
        children = [used[name].child for name in ("operator", "server") if name in used]
        children += [process.child for process in getattr(item, "own_operators", ())]
        for child in children:
            lines = [line for line in child.text().splitlines() if "kopf" not in line][-_LOG_LINES:]
            report.sections.append((f"log of {child.name}", "\n".join(lines)))
    return report
