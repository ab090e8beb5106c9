"""Every example that makes sense in a cluster becomes ready, applied unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml

from reconciler.controller.cluster.refs import API_VERSION, RESOURCES, path_of
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.conftest import ROOT, leave, make_place
from tests.e2e.controller.kms import Account
from tests.e2e.controller.people import EXAMPLE_ACCOUNTS
from tests.e2e.controller.place import Place

EXAMPLES = ROOT / "examples"
FILES = [
    "quickstart/keys.yaml",
    "access/keys.yaml",
    "aws-services/storage.yaml",
    "aws-services/messaging-and-audit.yaml",
    "services/keys.yaml",
    "envelope/keys.yaml",
    "multi-region/targets.yaml multi-region/keys.yaml",
    "operator/keys.yaml",
    "payments/overlays/dev",
]
OWN = "operator"
"""The one that is made for a cluster."""
NOT_FOR_A_CLUSTER = {
    "identities/identities.yaml": "people, not keys",
    "imported-key/keys.yaml": "material from files and variables, which an operator does not read",
    "payments/overlays/prod": "a Target with a profile, and protected keys, of the real AWS",
}


@pytest.fixture
def place(request, cluster, operator, kms) -> Iterator[Place]:
    """In an account with every role that an example names, one for each example."""
    number = EXAMPLE_ACCOUNTS[FILES.index(request.getfixturevalue("files"))]
    made = make_place(cluster, kms, operator.namespace, target=False, account=number)
    yield made
    leave(made)


@pytest.mark.parametrize("files", FILES)
def test_an_example_applied_unchanged_becomes_ready(place: Place, files: str):
    take_default_target(place)
    for name in files.split():
        how = "-k" if (EXAMPLES / name).is_dir() else "-f"
        place.cluster.kubectl("apply", f"--namespace={place.namespace}", how, EXAMPLES / name)
    for kind, name in declared(place, files):
        if kind in ("KeyPolicy", "Target"):
            place.wait(kind, name, reason="Valid")
        else:
            place.ready(kind, name)


def test_the_example_for_a_cluster_brings_its_namespace_and_target_and_becomes_ready(cluster, operator, kms):
    place = Place(cluster, "payments", Account(kms, EXAMPLE_ACCOUNTS[-1]), target="default", secret="")
    no_default_target(place)
    cluster.kubectl("apply", "-k", EXAMPLES / OWN)
    place.wait("Target", "default", reason="Valid")
    for kind, name in declared(place, OWN):
        if kind in ("Key", "Grant"):
            place.ready(kind, name)
    leave(place)


def take_default_target(place: Place) -> None:
    """Make the Target that objects which name none are on."""
    no_default_target(place)
    body = place.target_body()
    body["metadata"]["name"] = "default"
    place.apply(body)
    place.targets.clear()  # it goes when the next test takes it, not with this one's namespace


def no_default_target(place: Place) -> None:
    """Return once nothing of an earlier test is on the Target `default`, and that is gone."""
    for kind in ("Key", "ReplicaKey", "Alias", "Grant"):
        eventually(partial(nothing_left, place, kind), within=60, what=f"no {kind} is on the Target default")
    place.cluster.kubectl("delete", "targets.kms.reconciler.dev", "default", "--ignore-not-found")


def nothing_left(place: Place, kind: str) -> bool:
    path = path_of(API_VERSION, RESOURCES[kind].plural)
    return not any("targetRef" not in body["spec"] for body in place.cluster.api.call("GET", path).body["items"])


def declared(place: Place, files: str) -> list[tuple[str, str]]:
    found = []
    for name in files.split():
        path = EXAMPLES / name
        text = place.cluster.kubectl("kustomize", path).stdout if path.is_dir() else path.read_text()
        found += [(body["kind"], body["metadata"]["name"]) for body in yaml.safe_load_all(text) if body]
    assert found
    return found


def test_no_example_is_forgotten():
    tried = {name.split("/")[0] for files in (*FILES, OWN) for name in files.split()}
    left_out = {name.split("/")[0] for name in NOT_FOR_A_CLUSTER}
    folders = {path.name for path in Path(EXAMPLES).iterdir() if path.is_dir()}
    assert folders == tried | left_out
