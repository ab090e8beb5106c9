"""Objects that are deleted, and what becomes of what they stand for."""

from __future__ import annotations

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import condition_of, key, manifest

SCHEDULE = {"policy": "Schedule", "windowDays": 7}


def test_a_key_is_retained_and_taken_up_again_by_a_new_object(place):
    place.apply(key(aliases=["orders"]))
    key_id, writes = place.key_id(), place.account.writes()
    place.delete("Key", "orders")
    place.gone("Key", "orders")
    assert place.account.writes() == writes
    assert place.account.describe(key_id)["KeyState"] == "Enabled"
    place.told("Key", "orders", "Retained", key_id)
    place.apply(key(aliases=["orders"]))
    assert place.key_id() == key_id
    assert place.account.key_ids() == [key_id]
    assert place.account.writes() == writes


def test_a_deletion_is_scheduled_once_told_with_its_date_and_cancelled_by_a_new_object(place):
    place.apply(key(deletion=SCHEDULE))
    key_id = place.key_id()
    place.delete("Key", "orders")
    place.gone("Key", "orders")
    described = place.account.describe(key_id)
    assert described["KeyState"] == "PendingDeletion"
    event = place.told("Key", "orders", "DeletionScheduled")
    assert f"{described['DeletionDate']:%Y-%m-%d}" in event["note"]
    assert event["type"] == "Warning"
    assert place.account.writes().count("ScheduleKeyDeletion") == 1
    place.apply(key(deletion=SCHEDULE))
    assert place.key_id() == key_id
    assert place.account.describe(key_id)["KeyState"] == "Enabled"
    place.told("Key", "orders", "DeletionCancelled")


def test_an_annotation_says_what_becomes_of_a_key_in_the_place_of_its_spec(place):
    place.apply(key(deletion=SCHEDULE), key("other"))
    kept, ended = place.key_id(), place.key_id("other")
    place.annotate("Key", "orders", deletion_policy="Retain")
    place.annotate("Key", "other", deletion_policy="Schedule")
    for name in ("orders", "other"):
        place.delete("Key", name)
        place.gone("Key", name)
    assert place.account.describe(kept)["KeyState"] == "Enabled"
    assert place.account.describe(ended)["KeyState"] == "PendingDeletion"


def refused(place, name="orders"):
    def probe():
        body = place.get("Key", name)
        found = condition_of(body)
        assert found["reason"] == "DeletionRefused", found
        return body

    return eventually(probe, what=f"the deletion of {name} is refused")


def test_a_protected_key_stays_until_retaining_it_is_asked_for(place):
    place.apply(key(deletion={**SCHEDULE, "protect": True}))
    key_id = place.key_id()
    place.delete("Key", "orders")
    body = refused(place)
    assert "deletion-policy: Retain" in body["status"]["conditions"][0]["message"]
    place.told("Key", "orders", "DeletionRefused")
    assert place.account.describe(key_id)["KeyState"] == "Enabled"
    place.annotate("Key", "orders", deletion_policy="Retain")
    place.gone("Key", "orders")
    assert place.account.describe(key_id)["KeyState"] == "Enabled"


def test_a_key_in_use_stays_until_an_annotation_allows_its_end_by_name(place):
    place.apply(key(deletion=SCHEDULE))
    key_id = place.key_id()
    place.account.kms.encrypt(KeyId=key_id, Plaintext=b"in use")
    place.delete("Key", "orders")
    body = refused(place)
    assert "key-in-use" in body["status"]["conditions"][0]["message"]
    place.annotate("Key", "orders", allow="key-in-use")
    place.gone("Key", "orders")
    assert place.account.describe(key_id)["KeyState"] == "PendingDeletion"


def test_an_alias_stays_unless_annotated_and_a_grant_goes_unless_annotated(place):
    grant = {"keyRef": {"name": "orders"}, "operations": ["Decrypt"]}
    place.apply(key())
    for name, asked in (("kept", None), ("gone", {"deletion-policy": "Delete"})):
        place.apply(manifest("Alias", name, annotations=asked, name=name, keyRef={"name": "orders"}))
    for name, asked in (("kept", {"deletion-policy": "Retain"}), ("gone", None)):
        grantee = "role/alice" if name == "kept" else "role/bob"
        place.apply(manifest("Grant", name, annotations=asked, granteePrincipal=grantee, **grant))
    key_id = place.key_id()
    for kind in ("Alias", "Grant"):
        for name in ("kept", "gone"):
            place.ready(kind, name)
    for kind in ("Alias", "Grant"):
        for name in ("kept", "gone"):
            place.delete(kind, name)
            place.gone(kind, name)
    assert place.account.aliases() == {"alias/kept": key_id}
    (left,) = place.account.grants(key_id)
    assert left["GranteePrincipal"] == place.account.role("alice")


def test_a_namespace_goes_with_all_that_is_in_it_and_no_key_is_lost(place):
    grant = {"keyRef": {"name": "orders"}, "granteePrincipal": "role/alice", "operations": ["Decrypt"]}
    alias = {"name": "current", "keyRef": {"name": "orders"}}
    policy = manifest("KeyPolicy", "standard", administrators=["role/platform"], grantors=["role/platform"])
    place.apply(
        policy, key(policyRef={"name": "standard"}), key("other", deletion=SCHEDULE, policyRef={"name": "standard"})
    )
    place.apply(manifest("Grant", "report", **grant), manifest("Alias", "current", **alias))
    key_id, other = place.key_id(), place.key_id("other")
    place.ready("Grant", "report")
    place.ready("Alias", "current")
    path = f"/api/v1/namespaces/{place.namespace}"
    place.cluster.api.call("DELETE", path)
    eventually(lambda: place.cluster.api.call("GET", path).status == 404, within=60, what="the namespace is gone")
    assert place.account.describe(key_id)["KeyState"] == "Enabled"
    assert place.account.describe(other)["KeyState"] == "PendingDeletion"
    assert place.account.grants(key_id) == []
    assert place.account.aliases() == {"alias/current": key_id}


def test_a_key_that_never_came_to_be_goes_at_once(place):
    body = key(deletion=SCHEDULE, targetRef={"name": "nowhere"})
    place.apply(body)
    place.wait("Key", "orders", reason="TargetNotFound")
    place.delete("Key", "orders")
    place.gone("Key", "orders", within=10)


def test_a_replica_ends_before_its_primary_whichever_is_deleted_first(place):
    place.add_target("ireland", region="eu-west-1")
    there = {"targetRef": {"name": f"{place.namespace}-ireland"}}
    place.apply(key(multiRegion=True, deletion=SCHEDULE))
    place.apply(manifest("ReplicaKey", "there", primaryRef={"name": "orders"}, deletion=SCHEDULE, **there))
    key_id = place.key_id()
    place.ready("ReplicaKey", "there")
    place.annotate("ReplicaKey", "there", paused="true")
    place.delete("ReplicaKey", "there")
    place.delete("Key", "orders")
    place.wait("Key", "orders", reason="WaitingForReplicas")
    assert place.account.describe(key_id)["KeyState"] == "Enabled"
    place.annotate("ReplicaKey", "there", paused=None)
    place.gone("ReplicaKey", "there")
    assert place.account.describe(key_id, "eu-west-1")["KeyState"] == "PendingDeletion"
    place.gone("Key", "orders")
    assert place.account.describe(key_id)["KeyState"] == "PendingReplicaDeletion"


def test_an_object_that_is_paused_ends_only_afterwards(place):
    place.apply(key(deletion=SCHEDULE))
    key_id = place.key_id()
    place.annotate("Key", "orders", paused="true")
    place.delete("Key", "orders")

    def paused():
        return condition_of(place.get("Key", "orders"), "Synced")["reason"] == "Paused"

    eventually(paused, what="it is paused")
    assert place.account.describe(key_id)["KeyState"] == "Enabled"
    place.annotate("Key", "orders", paused=None)
    place.gone("Key", "orders")
    assert place.account.describe(key_id)["KeyState"] == "PendingDeletion"


def test_the_end_of_a_grant_waits_for_no_object_of_its_key(place):
    grant = {"keyRef": {"name": "orders"}, "granteePrincipal": "role/alice", "operations": ["Decrypt"]}
    place.apply(key(), manifest("Grant", "report", **grant))
    key_id = place.key_id()
    place.ready("Grant", "report")
    place.delete("Key", "orders")
    place.gone("Key", "orders")
    place.wait("Grant", "report", reason="ReferenceNotFound")
    place.delete("Grant", "report")
    place.gone("Grant", "report")
    assert place.account.grants(key_id) == []


def test_a_target_is_kept_for_what_needs_it_and_goes_after_it(place):
    grant = {"keyRef": {"name": "orders"}, "granteePrincipal": "role/alice", "operations": ["Decrypt"]}
    place.apply(key(), manifest("Grant", "report", **grant))
    key_id = place.key_id()
    place.ready("Grant", "report")
    eventually(lambda: place.get("Target", place.target)["status"]["keys"] == 1, within=15, what="its key is counted")
    place.delete("Target", place.target)
    place.wait("Target", place.target, reason="InUse")
    place.patch("Key", "orders", description="Served all the while")
    place.ready("Key", "orders")
    assert place.account.describe(key_id)["Description"] == "Served all the while"
    place.apply(key("late"))
    place.wait("Key", "late", reason="TargetDeleting")
    for kind, name in (("Key", "late"), ("Key", "orders"), ("Grant", "report")):
        place.delete(kind, name)
        place.gone(kind, name)
    place.gone("Target", place.target)
    assert place.account.grants(key_id) == []


def test_a_grant_whose_status_and_key_object_are_gone_is_revoked_all_the_same(place):
    grant = {"keyRef": {"name": "orders"}, "granteePrincipal": "role/alice", "operations": ["Decrypt"]}
    place.apply(key(), manifest("Grant", "report", **grant))
    key_id = place.key_id()
    place.ready("Grant", "report")
    place.delete("Key", "orders")
    place.gone("Key", "orders")
    place.set_status("Grant", "report", None)
    place.delete("Grant", "report")
    place.gone("Grant", "report")
    assert place.account.grants(key_id) == []
