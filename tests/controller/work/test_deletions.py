"""What becomes of a resource when its object goes."""

from __future__ import annotations

import pytest

from reconciler.controller.health.reasons import EventReason, Reason
from reconciler.controller.health.states import Deleting, DeletionRefused, Failing, Waiting
from reconciler.controller.objects.seen import seen_of
from reconciler.controller.work.deletions import (
    Farewell,
    by_key_id,
    farewell_of,
    retained,
    state_at_the_end,
    without_policy,
)
from reconciler.kit.errors import KmsError
from reconciler.manifest.documents import Document
from reconciler.manifest.objects import read_object
from reconciler.workflow.converge import verdicts
from reconciler.workflow.converge.verdicts import Facts
from tests.controller.health.samples import DIAGNOSTIC, RISK
from tests.controller.support.objects import annotated, body, grant_spec

SPECS = {
    "Key": {},
    "ReplicaKey": {"primaryRef": {"name": "p"}, "targetRef": {"name": "west"}},
    "Alias": {"name": "alias/main", "keyRef": {"name": "orders"}},
    "Grant": grant_spec("orders"),
    "CustomKeyStore": {},
    "KeyPolicy": {},
    "Target": {},
}


def _seen(kind, spec=None, **more):
    return seen_of(body(kind, "x", spec=SPECS[kind] if spec is None else spec, **more))


@pytest.mark.parametrize(
    ("kind", "spec", "asked", "farewell"),
    [
        ("Key", {}, None, Farewell.RETAIN),
        ("Key", {"deletion": {"policy": "Retain"}}, None, Farewell.RETAIN),
        ("Key", {"deletion": {"policy": "Schedule"}}, None, Farewell.END),
        ("Key", {"deletion": {"policy": "Schedule"}}, "Retain", Farewell.RETAIN),
        ("Key", {}, "Schedule", Farewell.END),
        ("Key", {}, "Delete", Farewell.RETAIN),
        ("Key", {"keySpec": "ROT13"}, "Retain", Farewell.RETAIN),
        ("ReplicaKey", None, None, Farewell.RETAIN),
        ("ReplicaKey", None, "Schedule", Farewell.END),
        ("Alias", None, None, Farewell.RETAIN),
        ("Alias", None, "Delete", Farewell.END),
        ("Alias", None, "Schedule", Farewell.RETAIN),
        ("Grant", None, None, Farewell.END),
        ("Grant", None, "Delete", Farewell.END),
        ("Grant", None, "Retain", Farewell.RETAIN),
        ("CustomKeyStore", None, None, Farewell.RETAIN),
        ("KeyPolicy", None, "Delete", Farewell.RETAIN),
        ("Target", None, "Delete", Farewell.RETAIN),
    ],
)
def test_keys_and_aliases_stay_unless_somebody_says_otherwise_and_grants_end(kind, spec, asked, farewell):
    annotations = annotated(deletion_policy=asked) if asked else {}
    assert farewell_of(_seen(kind, spec, annotations=annotations)) is farewell


@pytest.mark.parametrize(
    ("kind", "status", "resource"),
    [
        ("Key", {"keyId": "k"}, "k"),
        ("Alias", {"aliasName": "alias/main", "keyId": "k"}, "alias/main"),
        ("Grant", {"grantId": "g", "keyId": "k"}, "g"),
        ("CustomKeyStore", {"storeId": "s"}, "s"),
        ("Key", {}, None),
        ("Target", {"accountId": "1"}, None),
    ],
)
def test_what_an_object_stands_for_is_told_by_its_status(kind, status, resource):
    assert _seen(kind, status=status).resource_id == resource


def test_a_grant_whose_key_object_is_gone_is_found_by_the_keys_id():
    found = by_key_id(_seen("Grant", status={"keyId": "k"}))
    assert found.spec["key"] == "k"
    assert "keyRef" not in found.spec
    assert found.spec["operations"] == ["Decrypt"]


@pytest.mark.parametrize(
    "seen", [_seen("Grant"), _seen("Grant", {"keyRef": 7}, status={"keyId": "k"})], ids=["no id", "errors"]
)
def test_a_grant_whose_key_is_not_known_is_not_found(seen):
    assert by_key_id(seen) is None


def test_what_stays_is_told():
    deed = retained(_seen("Key", status={"keyId": "k"}))
    assert deed.reason is EventReason.RETAINED
    assert "Key k stays" in deed.detail


def test_nothing_holds_an_object_whose_end_is_met():
    assert state_at_the_end(_seen("Key"), verdicts.Met(Facts())) is None


def test_an_end_that_kms_does_not_show_yet_is_waited_for():
    assert isinstance(state_at_the_end(_seen("Key"), verdicts.Unsettled(Facts(), ())), Deleting)


@pytest.mark.parametrize(
    "verdict",
    [
        verdicts.Refused(Facts(), (RISK,)),
        verdicts.Forbidden(Facts(), "another stack's"),
        verdicts.Faulty((DIAGNOSTIC,)),
    ],
    ids=lambda verdict: type(verdict).__name__,
)
@pytest.mark.parametrize(("kind", "way"), [("Key", "to keep the resource"), ("Grant", "to leave it")])
def test_an_end_that_is_refused_says_how_to_get_on(verdict, kind, way):
    state = state_at_the_end(_seen(kind), verdict)
    assert isinstance(state, DeletionRefused)
    assert f"{way}, annotate kms.reconciler.dev/deletion-policy: Retain" in state.why


def test_an_end_that_fails_or_waits_is_as_any_other_failure():
    error = KmsError("ThrottlingException", "slow down", operation="ScheduleKeyDeletion")
    assert isinstance(state_at_the_end(_seen("Key"), verdicts.Failed(error)), Failing)
    waits = state_at_the_end(_seen("Key"), verdicts.Waits(Facts(), "Key/p"))
    assert waits == Waiting(Reason.REFERENCE_NOT_READY, "Key/p")


def test_a_key_on_its_way_out_needs_no_shared_policy():
    body = {
        "apiVersion": "kms.reconciler.dev/v1alpha1",
        "kind": "Key",
        "metadata": {"name": "orders"},
        "spec": {"description": "Orders", "policyRef": {"name": "gone"}},
    }
    document = read_object(body, file="Key/orders")
    assert isinstance(document, Document)
    left = without_policy(document)
    assert dict(left.spec) == {"description": "Orders"}
    assert without_policy(left) is left
