"""`kopf run operator/main.py` is the operator, too."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.controller.child import Child
from tests.e2e.controller.place import Place, key
from tests.e2e.controller.processes import OperatorProcess

MAIN = Path(__file__).parents[3] / "operator" / "main.py"
KOPF = Path(sys.executable).with_name("kopf")


def test_kopf_itself_can_run_the_operator(place: Place, operator: OperatorProcess, tmp_path: Path) -> None:
    operator.stop()
    replica = OperatorProcess(place.cluster, operator.namespace, tmp_path, name="kopf")
    command = (KOPF, "run", "--standalone", "--all-namespaces", MAIN)
    replica.child = Child("kopf", command, tmp_path, replica.child.environment)
    replica.start()
    try:
        place.apply(key())
        place.ready("Key", "orders")
    finally:
        code = replica.stop()
    assert code == 0
    assert "Traceback" not in replica.child.text()
