"""What is odd, huge or nonsense is dealt with like anything else, and never breaks the operator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.controller.cluster.refs import API_VERSION, RESOURCES, path_of
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import ANNOTATION, FINALIZER, Place, key, manifest
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.faults import truth
from tests.e2e.faults.tap import Tap

MERGE = "application/merge-patch+json"
INSTANT = "2026-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def unharmed(operator: OperatorProcess):
    """The operator survives every test, and logs no fault of its own."""
    pid, mark = operator.child.pid, operator.child.size()
    yield
    operator.child.check()
    assert operator.child.pid == pid
    said = operator.child.text(mark)
    assert "Traceback" not in said, said[-4000:]
    assert "could not be reconciled" not in said


def patched(place: Place, kind: str, name: str, body: dict[str, Any], sub: str = "") -> None:
    resource = RESOURCES[kind]
    path = path_of(API_VERSION, resource.plural, place.namespace if resource.namespaced else "", name)
    answer = place.cluster.api.call("PATCH", path + sub, body, media_type=MERGE)
    assert answer.status == 200, answer


def test_a_policy_of_200_kilobytes_is_told_as_what_it_is(place):
    statements = [
        {"Sid": f"s{number}", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*" * 150}
        for number in range(900)
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    assert len(json.dumps(document)) > 200_000
    place.apply(key("huge", policy={"document": document}), key("small"))
    place.ready("Key", "small")
    body = eventually(
        lambda: (
            (found := place.get("Key", "huge"))
            and (place.condition("Key", "huge", "Stalled")["status"] == "True")
            and found
        ),
        what="it is stalled",
    )
    message = place.condition("Key", "huge")["message"]
    assert "32768" in message.replace(",", "")
    assert len(json.dumps(body["status"])) < 20_000
    truth.one_key_each(place, {"small"})


def test_unicode_and_the_longest_of_everything_are_taken(place):
    name = ".".join(["n" * 61] * 4)[:240]
    text = "Zürich, 東京, 🔑, \u202eevil\u202c " * 60
    tags = {f"tag {number} äöü": "ß" * 256 for number in range(43)}
    aliases = [f"{number:02}/{'a' * 240}" for number in range(50)]
    place.cluster.apply(
        place.placed(key(name, description=text.strip(), tags=tags, aliases=aliases)),
        place.placed(
            manifest("Grant", "g", keyRef={"name": name}, granteePrincipal="role/export", operations=["Decrypt"])
        ),
    )
    found = place.ready("Key", name, within=60)["status"]
    assert len(found["aliases"]) == 50
    assert place.account.describe(found["keyId"])["Description"] == text.strip()
    assert place.account.tags(found["keyId"]).items() >= tags.items()
    place.ready("Grant", "g")
    assert len(place.account.grants(found["keyId"])) == 1


def test_annotations_with_nonsense_ask_for_nothing(place):
    names = ("paused", "reconcile-at", "deletion-policy", "adopt", "allow", "prune", "unknown")
    texts = {"empty": "", "word": "perhaps", "yaml": "{[", "long": "x" * 5000, "odd": "\u0000".replace("\0", "\u2028,")}
    for called, text in texts.items():
        asked = {name: text for name in names if name != "adopt"}
        place.apply(
            key(f"k-{called}", annotations=None), manifest("Alias", called, name=called, keyRef={"name": f"k-{called}"})
        )
        place.annotate("Key", f"k-{called}", **{name.replace("-", "_"): value for name, value in asked.items()})
        place.annotate("Alias", called, **{name.replace("-", "_"): value for name, value in asked.items()})
    for called in texts:
        body = place.ready("Key", f"k-{called}")
        assert body["metadata"]["annotations"][f"{ANNOTATION}paused"] == texts[called]
        place.ready("Alias", called)
        place.delete("Alias", called)
        place.gone("Alias", called)
        place.delete("Key", f"k-{called}")
        place.gone("Key", f"k-{called}")
    truth.one_key_each(place, {f"k-{called}" for called in texts})


@pytest.mark.parametrize(
    "asked", ["", "nonsense", "alias/nonsense", "arn:aws:kms:::", "x" * 3000, "alias/" + "y" * 400]
)
def test_an_adoption_of_nonsense_is_refused_and_nothing_made(place, asked):
    place.apply(key("orders", annotations={"adopt": asked}))
    if not asked:
        place.ready("Key", "orders")
        return
    eventually(lambda: place.condition("Key", "orders", "Stalled")["status"] == "True", what="it is told")
    assert place.account.writes() == []


STATUSES: dict[str, Any] = {
    "ids of nobody": {"keyId": "no-key", "arn": "no ARN", "aliases": ["alias/none"], "state": "Gone", "rotation": "x"},
    "an id of another": {"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "accountId": "000000000000"},
    "hostile id": {"keyId": "alias/../../;DROP TABLE", "arn": "\u202e" * 100, "region": "mars-1"},
    "no conditions": {"conditions": [], "observedGeneration": 999},
    "negative": {"observedGeneration": -7, "syncedGeneration": -7},
    "huge generation": {"observedGeneration": 2**62, "syncedGeneration": 2**62},
    "foreign conditions": {
        "conditions": [
            {"type": "Ready", "status": "False", "reason": "Lies", "message": "lies", "lastTransitionTime": INSTANT},
            {"type": "Mine", "status": "Unknown", "reason": "Other", "message": "", "lastTransitionTime": INSTANT},
        ]
    },
    "long": {"drift": [f"field{number}" for number in range(500)], "keyId": "k" * 2000},
}


@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES)
def test_a_status_of_nonsense_is_put_right(place, status):
    place.apply(key("orders", aliases=["orders"]))
    key_id = place.key_id()
    good = place.get("Key", "orders")["status"]
    place.apply(manifest("Alias", "a", name="a", keyRef={"name": "orders"}))
    place.ready("Alias", "a")
    taken = nonsense(place, "Key", "orders", status)
    nonsense(place, "Alias", "a", {name: value for name, value in status.items() if name in ("keyId", "conditions")})
    place.patch("Key", "orders", description="changed")

    def probe() -> bool:
        body = place.ready("Key", "orders")["status"]
        assert body["keyId"] == key_id
        assert "alias/none" not in body["aliases"]
        return {one["type"] for one in body["conditions"]} == {one["type"] for one in good["conditions"]}

    eventually(probe, what="the status is right again")
    eventually(lambda: place.ready("Alias", "a")["status"]["keyId"] == key_id, what="the alias's status is right")
    assert place.account.key_ids() == [key_id], taken


def nonsense(place: Place, kind: str, name: str, status: dict[str, Any]) -> bool:
    """Put in a status; whether the definitions let it through."""
    path = path_of(API_VERSION, RESOURCES[kind].plural, place.namespace, name)
    answer = place.cluster.api.call("PATCH", f"{path}/status", {"status": status}, media_type=MERGE)
    assert answer.status in (200, 422), answer
    return answer.status == 200


def test_a_status_of_nonsense_at_the_end_deletes_nothing_else(place):
    """The ids in a status are hints: what ends is what the object's tags and names find."""
    place.apply(
        key("mine", deletion={"policy": "Schedule", "windowDays": 7}),
        key("other"),
        manifest("Grant", "g", keyRef={"name": "mine"}, granteePrincipal="role/export", operations=["Decrypt"]),
    )
    mine, other = place.key_id("mine"), place.key_id("other")
    place.ready("Grant", "g")
    for kind, name in (("Grant", "g"), ("Key", "mine")):
        patched(place, kind, name, {"status": {"keyId": other, "arn": None}}, "/status") if kind == "Key" else None
        patched(place, kind, name, {"status": {"keyId": other}}, "/status")
        place.delete(kind, name)
        place.gone(kind, name)
    assert place.account.describe(mine)["KeyState"] == "PendingDeletion"
    assert place.account.describe(other)["KeyState"] == "Enabled"
    place.ready("Key", "other")


def test_a_lost_status_at_the_end_still_ends_what_is_there(place):
    place.apply(
        key("mine", deletion={"policy": "Schedule", "windowDays": 7}),
        key("held"),
        manifest("Grant", "g", keyRef={"name": "held"}, granteePrincipal="role/export", operations=["Decrypt"]),
    )
    mine, held = place.key_id("mine"), place.key_id("held")
    place.ready("Grant", "g")
    for kind, name in (("Key", "mine"), ("Grant", "g")):
        patched(place, kind, name, {"status": None}, "/status")
        place.delete(kind, name)
        place.gone(kind, name)
    assert place.account.describe(mine)["KeyState"] == "PendingDeletion"
    assert place.account.grants(held) == []


def test_a_finalizer_of_somebody_else_is_kept_and_waited_for(place):
    body = key("orders", deletion={"policy": "Schedule", "windowDays": 7})
    body["metadata"]["finalizers"] = ["example.com/mine"]
    place.apply(body)
    key_id = place.key_id()
    place.delete("Key", "orders")
    eventually(lambda: place.account.describe(key_id)["KeyState"] == "PendingDeletion", what="it is scheduled")
    eventually(lambda: place.get("Key", "orders")["metadata"]["finalizers"] == ["example.com/mine"], what="ours is off")
    writes = place.account.writes()
    patched(place, "Key", "orders", {"metadata": {"finalizers": None}})
    place.gone("Key", "orders")
    assert place.account.writes() == writes


def test_an_object_with_an_owner_goes_with_it(place):
    path = path_of("v1", "configmaps", place.namespace)
    owner = place.cluster.api.call("POST", path, {"metadata": {"name": "owner"}}).body["metadata"]
    body = key("orders")
    body["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["uid"], "blockOwnerDeletion": True}
    ]
    place.apply(body)
    key_id = place.key_id()
    place.cluster.api.call("DELETE", f"{path}/owner")
    place.gone("Key", "orders")
    assert place.account.describe(key_id)["KeyState"] == "Enabled"


def test_an_object_that_is_deleted_while_it_is_worked_on_leaves_what_its_policy_says(place, tap: Tap):
    place.add_target(endpointUrl=tap.url)
    place.ready("Target", place.target)
    tap.flows.clear()
    place.apply(key("kept"), key("ended", deletion={"policy": "Schedule", "windowDays": 7}))
    eventually(lambda: tap.waiting >= 2, what="the keys are being created")
    place.delete("Key", "kept")
    place.delete("Key", "ended")
    tap.flows.set()
    place.gone("Key", "kept")
    place.gone("Key", "ended")
    truth.one_key_each(place, {"kept", "ended"}, ending=frozenset({"ended"}))


def test_an_object_that_changes_while_it_is_worked_on_is_as_it_said_last(place, tap: Tap):
    place.add_target(endpointUrl=tap.url)
    place.ready("Target", place.target)
    tap.flows.clear()
    place.apply(key("orders"))
    eventually(lambda: tap.waiting, what="the key is being created")
    for number in range(5):
        place.patch("Key", "orders", description=f"number {number}")
    tap.flows.set()
    assert place.account.describe(place.key_id())["Description"] == "number 4"


def test_of_two_that_claim_an_alias_the_older_one_has_it_until_it_goes(place):
    place.apply(key("older", aliases=["wanted"]))
    older = place.key_id("older")
    place.apply(key("younger", aliases=["wanted"]), manifest("Alias", "third", name="wanted", keyRef={"name": "older"}))
    place.wait("Key", "younger", reason="NameConflict")
    place.wait("Alias", "third", reason="NameConflict")
    assert place.account.aliases() == {"alias/wanted": older}
    place.patch("Key", "older", aliases=["another"])
    place.annotate("Key", "older", prune="true", allow="alias-leaves-key-in-use,deletes-alias,alias-takeover")
    place.delete("Alias", "third")
    place.annotate("Key", "younger", allow="alias-leaves-key-in-use,deletes-alias,alias-takeover")
    younger = place.key_id("younger")
    eventually(
        lambda: place.account.aliases() == {"alias/wanted": younger, "alias/another": older}, what="each has its own"
    )


def test_a_key_and_a_replica_of_one_name_contend_and_the_other_takes_over(place):
    there = place.add_target("us", region="us-east-1")
    place.apply(key("primary", multiRegion=True), key("same"))
    kept = place.key_id("same")
    place.apply(manifest("ReplicaKey", "same", primaryRef={"name": "primary"}, targetRef={"name": there}))
    place.wait("ReplicaKey", "same", reason="NameConflict")
    place.delete("Key", "same")
    place.ready("ReplicaKey", "same")
    assert place.account.describe(kept)["KeyState"] == "Enabled"


def test_somebody_who_takes_our_finalizer_off_again_and_again_gets_it_back(place):
    place.apply(key("orders"))
    key_id = place.key_id()
    for _ in range(3):
        patched(place, "Key", "orders", {"metadata": {"finalizers": None}})
        eventually(lambda: FINALIZER in place.get("Key", "orders")["metadata"].get("finalizers", ()), what="it is back")
    assert place.account.key_ids() == [key_id]
