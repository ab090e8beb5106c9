"""A key is found by its tags: nothing that happens to an object makes a second one."""

from __future__ import annotations

import copy

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.place import key


def test_a_lost_status_is_written_again_and_no_key_is_made(place):
    place.apply(key(aliases=["orders"]))
    key_id = place.key_id()
    place.set_status("Key", "orders", None)
    eventually(lambda: place.status("Key", "orders").get("keyId") == key_id, what="the status is back")
    assert place.account.key_ids() == [key_id]


def test_a_status_that_names_a_strangers_key_is_not_believed(place):
    place.apply(key("mine"), key("other"))
    mine, other = place.key_id("mine"), place.key_id("other")
    status = copy.deepcopy(place.status("Key", "mine"))
    place.set_status("Key", "mine", {**status, "keyId": other, "syncedGeneration": 1})
    place.patch("Key", "mine", description="changed")
    eventually(lambda: place.status("Key", "mine").get("keyId") == mine, what="the status is right")
    place.ready("Key", "mine")
    assert place.account.describe(mine)["Description"] == "changed"
    assert place.account.describe(other)["Description"] == "Encrypts orders"
    assert sorted(place.account.key_ids()) == sorted([mine, other])


def test_a_restored_backup_takes_the_same_key_up(place, cluster):
    place.apply(key(aliases=["orders"]))
    key_id = place.key_id()
    saved = cluster.kubectl("get", "keys.kms.reconciler.dev", "orders", "-ojson", f"-n{place.namespace}").stdout
    cluster.kubectl("delete", "keys.kms.reconciler.dev", "orders", "--cascade=orphan", f"-n{place.namespace}")
    cluster.kubectl("create", f"-n{place.namespace}", "-f-", input=without_identity(saved))
    assert place.key_id() == key_id
    assert place.account.key_ids() == [key_id]


def without_identity(saved: str) -> str:
    """As backup tools restore an object: a new uid and version, everything else as it was."""
    kept = (line for line in saved.splitlines() if not any(f'"{name}"' in line for name in ("uid", "resourceVersion")))
    return "\n".join(kept).replace(",\n    }", "\n    }")


def test_an_object_that_lost_its_finalizer_and_vanished_comes_back_to_its_key(place, cluster):
    place.apply(key())
    key_id = place.key_id()
    path = f"/apis/kms.reconciler.dev/v1alpha1/namespaces/{place.namespace}/keys/orders"
    place.delete("Key", "orders")
    cluster.api.call("PATCH", path, {"metadata": {"finalizers": None}}, media_type="application/merge-patch+json")
    place.gone("Key", "orders")
    place.apply(key())
    assert place.key_id() == key_id
    assert place.account.key_ids() == [key_id]


def test_a_restart_makes_no_key_and_writes_nothing_to_the_kms(place, operator):
    place.apply(*(key(f"k{number}", aliases=[f"k{number}"]) for number in range(3)))
    ids = {place.key_id(f"k{number}") for number in range(3)}
    writes = place.account.writes()
    assert operator.stop() == 0
    operator.start()
    place.account.kms.update_key_description(KeyId=min(ids), Description="tampered")
    eventually(lambda: place.account.writes() != writes, what="it works again")
    assert place.account.writes() == [*writes, "UpdateKeyDescription"]
    assert set(place.account.key_ids()) == ids


def test_another_namespace_with_the_same_names_gets_keys_of_its_own(place, kms, operator, cluster):
    other = make_place(cluster, kms, operator.namespace)
    other.add_target(allowedNamespaces=[other.namespace, place.namespace])
    try:
        place.apply(key(targetRef={"name": other.target}))
        other.apply(key())
        assert place.key_id() != other.key_id()
        assert len(other.account.key_ids()) == 2
        place.delete("Key", "orders")
        place.gone("Key", "orders")
    finally:
        leave(other)
