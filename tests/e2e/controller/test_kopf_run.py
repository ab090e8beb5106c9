"""`kopf run operator/main.py` is the operator, too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.child import Child
from tests.e2e.controller.conftest import CRDS
from tests.e2e.controller.place import Place, key
from tests.e2e.controller.processes import OperatorProcess

MAIN = Path(__file__).parents[3] / "operator" / "main.py"
KOPF = Path(sys.executable).with_name("kopf")


@pytest.fixture
def kopf_runs(place: Place, operator: OperatorProcess, tmp_path: Path) -> Iterator[OperatorProcess]:
    """The operator under `kopf run`, in the place of the other one."""
    operator.stop()
    replica = OperatorProcess(place.cluster, operator.namespace, tmp_path, name="kopf")
    command = (KOPF, "run", "--standalone", "--all-namespaces", MAIN)
    replica.child = Child("kopf", command, tmp_path, replica.child.environment)
    replica.start()
    yield replica
    replica.stop()


def test_kopf_that_ends_with_a_definition_says_so_and_waits_for_it_when_it_is_started_again(place, kopf_runs):
    name = "accesstests.kms.reconciler.dev"
    place.cluster.kubectl("delete", "crd", name, "--timeout=60s")
    try:
        eventually(lambda: not kopf_runs.child.runs, within=60, what="kopf ends")
        assert f"definitions are gone: {name}" in kopf_runs.child.text()
        kopf_runs.start(wait=False)
        eventually(lambda: name in kopf_runs.readiness(), within=60, what="it waits")
    finally:
        place.cluster.kubectl("apply", "--server-side", f"--filename={CRDS / 'accesstests.yaml'}")
    eventually(lambda: kopf_runs.leads, within=60, what="it works")
    place.apply(key())
    place.ready("Key", "orders")


def test_kopf_itself_can_run_the_operator(place, kopf_runs):
    place.apply(key())
    place.ready("Key", "orders")
    assert kopf_runs.stop() == 0
    assert "Traceback" not in kopf_runs.child.text()
