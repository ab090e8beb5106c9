"""When nothing changes, nothing is written, by nobody to nowhere."""

from __future__ import annotations

from collections import Counter

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import key, manifest


def test_nothing_is_written_while_nothing_changes(place, operator, cluster):
    grant = {"granteePrincipal": "role/alice", "operations": ["Decrypt"]}
    place.apply(manifest("KeyPolicy", "standard", administrators=["role/platform"], grantors=["role/platform"]))
    for number in range(5):
        name = f"k{number}"
        place.apply(key(name, aliases=[name], policyRef={"name": "standard"}, rotation={"automatic": {}}))
        place.apply(manifest("Grant", name, keyRef={"name": name}, **grant))
        place.apply(manifest("Alias", name, name=f"current/{name}", keyRef={"name": name}))
    place.apply(key("waits", policyRef={"name": "missing"}))
    place.apply(key("drifted", driftPolicy="Report"))
    drifted = place.key_id("drifted")
    place.account.kms.update_key_description(KeyId=drifted, Description="tampered")
    for number in range(5):
        for kind in ("Key", "Grant", "Alias"):
            place.ready(kind, f"k{number}")
    place.wait("Key", "waits", reason="ReferenceNotFound")
    place.wait("Key", "drifted", reason="DriftDetected")
    eventually(lambda: place.status("Target", place.target).get("keys") == 6, within=15, what="keys are counted")
    eventually(lambda: place.status("KeyPolicy", "standard").get("users") == 5, within=15, what="users are counted")
    checks(operator, 1)
    before = writes(cluster, operator, place), place.account.writes()
    calls = len(place.account.calls())
    checks(operator, 3)
    assert (writes(cluster, operator, place), place.account.writes()) == before
    made = Counter(call.name for call in place.account.calls()[calls:])
    assert made.total() / made["ListAliases"] <= 4.1 * len(place.account.key_ids()) + 4


def checks(operator, count):
    """Wait until so many checks for drift went by."""
    name = 'kmsctl_reconcile_total{kind="Alias",outcome="InSync"}'
    before = operator.metric(name)
    eventually(lambda: operator.metric(name) >= before + 5 * count, what=f"{count} checks for drift")


def writes(cluster, operator, place):
    """What the operator has written to the API server for the objects of the test."""
    return [
        request
        for request in cluster.requests(operator.user)
        if request.writes and (request.namespace == place.namespace or request.name == place.target)
    ]
