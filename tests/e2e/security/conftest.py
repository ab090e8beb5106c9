"""A cluster, a KMS and an installation of the chart for the folder; each module installs it as it needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.kms import KmsServer
from tests.e2e.controller.place import Place
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.security.installation import NAMESPACE, Installation

_LOG_LINES = 80
MakePlace = Callable[[], Place]


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """In place of the cluster of the other tests: the chart brings definitions, which are of one release."""
    with Cluster.start() as running:
        running.kubectl("create", "namespace", NAMESPACE)
        yield running


@pytest.fixture(scope="package")
def kms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KmsServer]:
    """The KMS, with authorisation on."""
    server = KmsServer(tmp_path_factory.mktemp("security") / "kms")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def installation(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The release, which the module installs; it goes with the module, but for what no release takes away."""
    made = Installation(cluster, tmp_path_factory.mktemp("release"))
    yield made
    made.uninstall()


@pytest.fixture(scope="module")
def operator(installation: Installation) -> Iterator[OperatorProcess]:
    """The operator of the release with the values of most modules. A test that ends it starts it again."""
    installation.install()
    process = installation.operator()
    process.start()
    yield process
    process.stop()


@pytest.fixture
def make(cluster: Cluster, kms: KmsServer) -> Iterator[MakePlace]:
    """Makes namespaces, each with an account and a Target of its own, which go after the test."""
    made: list[Place] = []

    def one() -> Place:
        made.append(make_place(cluster, kms, NAMESPACE))
        return made[-1]

    yield one
    for place in made:
        leave(place)


@pytest.fixture
def place(make: MakePlace, operator: OperatorProcess) -> Place:
    """One of them, with the operator at work."""
    return make()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test that fails shows the last lines of every log in the folder of the installation."""
    report = yield
    installation = getattr(item, "funcargs", {}).get("installation")
    if report.failed and installation is not None:
        for log in sorted(Path(installation.folder).glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
            report.sections.append((f"log of {log.stem}", "\n".join(lines)))
    return report
