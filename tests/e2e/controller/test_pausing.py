"""Objects that are to be left alone, and objects that are to be looked at now."""

from __future__ import annotations

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import condition_of, key, manifest
from tests.e2e.controller.verdicts import check


def test_nothing_is_called_for_a_key_that_is_paused_from_the_start(place):
    place.apply(manifest("Key", "orders", annotations={"paused": "true"}, description="later"))
    body = place.wait("Key", "orders", reason="Paused")
    assert "finalizers" not in body["metadata"]
    assert place.account.key_ids() == []
    place.annotate("Key", "orders", paused=None)
    place.ready("Key", "orders")


def test_a_paused_key_is_left_as_it_is_and_goes_on_afterwards(place, operator):
    place.apply(key())
    key_id = place.key_id()
    place.annotate("Key", "orders", paused="true")

    def paused():
        body = place.get("Key", "orders")
        return condition_of(body, "Synced")["reason"] == "Paused" and body

    body = eventually(paused, what="it is paused")
    check(body, "Paused")
    assert condition_of(body)["status"] == "True"
    place.patch("Key", "orders", description="later")
    place.account.kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "a", "TagValue": "b"}])
    before = len(place.account.calls())
    drift_checks = drift_checks_of(operator)
    eventually(lambda: drift_checks_of(operator) > drift_checks, what="a check for drift goes by")
    assert len(place.account.calls()) == before
    place.annotate("Key", "orders", paused=None)
    place.ready("Key", "orders")
    assert place.account.describe(key_id)["Description"] == "later"


def drift_checks_of(operator):
    """How often Targets were looked at, which each check does."""
    return operator.metric('kmsctl_reconcile_total{kind="Target",outcome="Valid"}') // 2


def test_an_object_is_looked_at_when_that_is_asked_for_and_says_so(place):
    place.apply(key())
    key_id = place.key_id()
    place.account.kms.update_key_description(KeyId=key_id, Description="tampered")
    place.annotate("Key", "orders", reconcile_at="2026-11-22T12:00:00Z")

    def handled():
        status = place.status("Key", "orders")
        return status.get("lastHandledReconcileAt") == "2026-11-22T12:00:00Z"

    eventually(handled, what="the request is echoed")
    assert place.account.describe(key_id)["Description"] == "Encrypts orders"
