"""Objects that are older than the definitions, or that somebody put past them: any field may be anything."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.controller.cluster.refs import API_VERSION, GROUP, RESOURCES, path_of
from tests.e2e.controller.place import Place, key

MERGE = "application/merge-patch+json"
ANYTHING = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
JUNK: tuple[Any, ...] = ("text", 7, [], ["text"], [[]], {"name": 7}, {"name": {"name": []}}, None, -1.5, True)


@pytest.fixture
def lawless(cluster):
    """Definitions that let everything through, as if objects were older than they are; the real ones come back."""
    paths = [
        f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{each.plural}.{GROUP}" for each in RESOURCES.values()
    ]
    before = {path: cluster.api.call("GET", path).body["spec"]["versions"] for path in paths}

    def put(versions: dict[str, Any]) -> None:
        for path, its in versions.items():
            answer = cluster.api.call("PATCH", path, {"spec": {"versions": its}}, media_type=MERGE)
            assert answer.status == 200, answer

    put({path: [{**_bare(its[0]), "schema": ANYTHING}] for path, its in before.items()})
    yield
    put(before)


def _bare(version: dict[str, Any]) -> dict[str, Any]:
    """A version without what its schema has to have fields for."""
    return {name: value for name, value in version.items() if name != "selectableFields"}


def test_objects_that_no_definition_would_let_through_break_nothing(place, operator, lawless):
    """Every field of every kind may be of any type: wrong ones are told, or left out, and everybody else goes on."""
    mark = operator.child.size()
    place.apply(key("sound"))
    key_id = place.key_id("sound")
    sent = [create(place, kind, number, junk) for kind in RESOURCES for number, junk in enumerate(JUNK)]
    assert all(sent)
    for number in range(3):
        place.patch("Key", "sound", description=f"number {number}")
        place.ready("Key", "sound")
    assert operator.stop() == 0
    operator.start()
    place.patch("Key", "sound", description="changed")
    place.ready("Key", "sound")
    assert place.account.describe(key_id)["Description"] == "changed"
    for kind in RESOURCES:
        for number in range(len(JUNK)):
            place.delete(kind, f"{place.namespace}-{number}")
    for kind in RESOURCES:
        for number in range(len(JUNK)):
            place.gone(kind, f"{place.namespace}-{number}")
    said = operator.child.text(mark)
    assert "Traceback" not in said, said[-4000:]
    assert "could not be reconciled" not in said


def test_a_key_that_no_longer_parses_holds_its_target_and_is_kept_when_it_goes(place, operator, lawless):
    place.apply(key())
    key_id = place.key_id()
    place.patch("Key", "orders", keySpec="ROT13")
    place.wait("Key", "orders", reason="Invalid")
    assert operator.stop() == 0
    operator.start()
    place.delete("Target", place.target)
    place.wait("Target", place.target, reason="InUse")
    place.annotate("Key", "orders", deletion_policy="Retain")
    place.delete("Key", "orders")
    place.gone("Key", "orders")
    place.gone("Target", place.target)
    assert place.account.describe(key_id)["KeyState"] == "Enabled"


def create(place: Place, kind: str, number: int, junk: Any) -> bool:
    """An object whose every field is `junk`, in its spec and in its status."""
    name, resource = f"{place.namespace}-{number}", RESOURCES[kind]
    path = path_of(API_VERSION, resource.plural, place.namespace if resource.namespaced else "")
    fields = FIELDS[kind]
    spec = dict.fromkeys(fields, junk) if number % 2 else junk
    body = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}
    made = place.cluster.api.call("POST", path, body)
    status = dict.fromkeys(STATUS_FIELDS, junk) if number % 2 else junk
    where = f"{path}/{name}/status"
    place.cluster.api.call("PATCH", where, {"status": status}, media_type=MERGE)
    return made.status == 201


STATUS_FIELDS = (
    "keyId",
    "conditions",
    "observedGeneration",
    "syncedGeneration",
    "drift",
    "aliases",
    "state",
    "grantId",
)
FIELDS = {
    "Key": (
        "description",
        "aliases",
        "policy",
        "policyRef",
        "tags",
        "deletion",
        "rotation",
        "targetRef",
        "adopt",
        "enabled",
    ),
    "ReplicaKey": ("primaryRef", "primary", "aliases", "targetRef", "deletion", "tags"),
    "Alias": ("name", "keyRef", "key", "targetRef"),
    "Grant": ("keyRef", "granteePrincipal", "operations", "constraints", "targetRef"),
    "KeyPolicy": ("users", "administrators", "document"),
    "AccessTest": ("keyRef", "keys", "allKeys", "mustAllow", "mustDeny"),
    "CustomKeyStore": ("cloudHsm", "xksProxy", "connected", "targetRef"),
    "Target": ("backend", "region", "accountId", "credentials", "allowedNamespaces", "endpointUrl"),
}
