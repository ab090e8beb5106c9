"""Flux's healthCheckExprs, evaluated by CEL in Flux's order.

Source: https://fluxcd.io/flux/components/kustomize/kustomizations/#health-check-expressions (RFC 0009): first the
generation, then inProgress, failed and current; none of them true is InProgress.
"""

from __future__ import annotations

from typing import Any

import cel
import pytest
import yaml

from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.schemas import API_VERSION
from tests.controller.health.kstatus import kstatus
from tests.controller.health.samples import BEFORE, ROWS, new_object, object_in
from tests.docs.pages import ROOT

EXAMPLE = yaml.safe_load((ROOT / "operator" / "flux" / "keys.yaml").read_text(encoding="utf-8"))
CHECKS = {check["kind"]: check for check in EXAMPLE["spec"]["healthCheckExprs"]}
EVERY = [(row, before) for row in ROWS for before in BEFORE]
IDS = [f"{row}, {before} before" for row, before in EVERY]


def flux(body: dict[str, Any], check: dict[str, str]) -> str:
    observed = body["status"].get("observedGeneration")
    if observed is not None and observed != body["metadata"]["generation"]:
        return "InProgress"
    for field, status in (("inProgress", "InProgress"), ("failed", "Failed"), ("current", "Current")):
        if cel.evaluate(check[field], body) is True:
            return status
    return "InProgress"


@pytest.mark.parametrize(("name", "before"), EVERY, ids=IDS)
def test_flux_says_what_kstatus_says(name, before):
    body = object_in(ROWS[name], before)
    said = kstatus(body)
    if said == "Terminating":
        said = "Failed" if name == "deletion refused" else "InProgress"
    assert flux(body, CHECKS["Key"]) == said


def test_a_new_object_is_in_progress():
    assert flux(new_object(), CHECKS["Key"]) == "InProgress"
    assert flux({**new_object(), "status": {}}, CHECKS["Key"]) == "InProgress"


def test_every_kind_has_the_same_expressions():
    assert set(CHECKS) == set(ManifestKind)
    assert {check["apiVersion"] for check in CHECKS.values()} == {API_VERSION}
    assert len({(check["inProgress"], check["failed"], check["current"]) for check in CHECKS.values()}) == 1
