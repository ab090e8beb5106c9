"""What is true in the KMS of a place, compared with what is declared there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from reconciler.controller.cluster.refs import API_VERSION, RESOURCES, path_of
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.kms import REGION
from tests.e2e.controller.place import Body, Place

STACK_TAG = "kms.reconciler.dev/stack"
NAME_TAG = "kms.reconciler.dev/name"


@dataclass(frozen=True)
class Found:
    """A key that is in the KMS."""

    key_id: str
    state: str


def keys(place: Place, region: str = REGION) -> dict[str, list[Found]]:
    """Every key of the account in a Region, by the name of its object; those that nobody's tags tell under ''."""
    client = place.account.client("resourcegroupstaggingapi", region=region)
    pages = client.get_paginator("get_resources").paginate(ResourceTypeFilters=["kms:key"])
    named: dict[str, str] = {}
    for page in pages:
        for item in page["ResourceTagMappingList"]:
            tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
            if tags.get(STACK_TAG) == place.stack:
                named[item["ResourceARN"].rpartition("/")[2]] = tags[NAME_TAG]
    found: defaultdict[str, list[Found]] = defaultdict(list)
    for key_id in place.account.key_ids(region):
        found[named.get(key_id, "")].append(Found(key_id, place.account.describe(key_id, region)["KeyState"]))
    return dict(found)


def one_key_each(place: Place, names: set[str], *, ending: frozenset[str] = frozenset(), region: str = REGION) -> None:
    """Each of `names` has exactly one key, usable unless it is `ending`; and nothing else is there."""
    found = keys(place, region)
    assert found.keys() == names, f"{sorted(found.keys() ^ names)} are too many or missing"
    assert {name: [one.state for one in its] for name, its in found.items()} == {
        name: ["PendingDeletion" if name in ending else "Enabled"] for name in names
    }


def items(place: Place, kind: str) -> list[Body]:
    """All objects of a kind in the namespace."""
    answer = place.cluster.api.call("GET", path_of(API_VERSION, RESOURCES[kind].plural, place.namespace))
    assert answer.status == 200, answer
    return list(answer.body["items"])


def all_ready(place: Place, count: int, *, within: float = 120.0) -> None:
    """Return once `count` objects are in the namespace, and all of them are ready and synced as declared now."""
    kinds = [kind for kind, resource in RESOURCES.items() if resource.namespaced]

    def probe() -> bool:
        found = [(kind, body) for kind in kinds for body in items(place, kind)]
        late = [f"{kind}/{body['metadata']['name']}: {why}" for kind, body in found if (why := not_ready(body))]
        assert not late, f"{len(late)} of {len(found)}, such as {late[:3]}"
        assert len(found) == count, f"{len(found)} objects instead of {count}"
        return True

    eventually(probe, within=within, what=f"{count} objects are ready")


def not_ready(body: Body) -> str:
    """Why an object is not ready; empty when it is."""
    status: dict[str, Any] = body.get("status", {})
    if body["metadata"].get("deletionTimestamp"):
        return "being deleted"
    if status.get("observedGeneration") != body["metadata"]["generation"]:
        return "not seen yet"
    found = {one["type"]: one for one in status.get("conditions", ())}
    for name in ("Ready", "Synced"):
        if found.get(name, {}).get("status") != "True":
            return str(found.get(name))
    return ""
