"""One object as the watch shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.controller.objects.seen import FINALIZER, seen_of
from reconciler.manifest.documents import ManifestKind
from tests.controller.support.objects import annotated, body, ref


def test_an_object_is_read_with_its_manifest():
    seen = seen_of(body("Key", "orders", spec={"description": "x"}, finalizers=[FINALIZER], status={"keyId": "k"}))
    assert seen.ref == ref("Key", "orders")
    assert seen.kind is ManifestKind.KEY
    assert seen.sound.spec["description"] == "x"
    assert (seen.uid, seen.resource_version, seen.generation) == ("uid-of-orders", "1", 1)
    assert seen.finalized
    assert not seen.deleting
    assert seen.status == {"keyId": "k"}


def test_an_object_without_anything_optional_is_read():
    bare = {"apiVersion": "kms.reconciler.dev/v1alpha1", "kind": "Target", "metadata": {"name": "t", "uid": "u"}}
    seen = seen_of(bare)
    assert seen.ref == ref("Target", "t")
    assert (seen.generation, seen.created, seen.finalizers, seen.conditions) == (0, "", (), ())
    assert seen.sound is None
    assert not seen.is_ready


def test_labels_and_annotations_declare_nothing():
    plain = seen_of(body("Key", "orders"))
    adorned = seen_of(body("Key", "orders", labels={"a": "b"}, annotations={"somebody/else": "x" * 300}))
    assert adorned.sound.tree.value == plain.sound.tree.value


def test_errors_of_a_manifest_are_kept_in_its_place():
    seen = seen_of(body("Key", "orders", spec={"keySpec": "ROT13"}))
    assert seen.sound is None
    assert "ROT13" in str(seen.document)


def test_a_manifest_is_not_parsed_again_when_only_the_status_changes():
    before = seen_of(body("Key", "orders"))
    after = seen_of(body("Key", "orders", resourceVersion="2", status={"keyId": "k"}), before=before)
    assert after.document is before.document
    assert after.status == {"keyId": "k"}


@pytest.mark.parametrize(
    "changed",
    [{"generation": 2}, {"uid": "another"}, {"annotations": annotated(adopt="alias/x")}],
    ids=["spec", "created anew", "annotation"],
)
def test_a_manifest_is_parsed_again_when_what_it_is_read_from_may_have_changed(changed):
    before = seen_of(body("Key", "orders"))
    assert seen_of(body("Key", "orders", **changed), before=before).document is not before.document


@pytest.mark.parametrize(
    ("changed", "asks"),
    [
        ({"resourceVersion": "2", "status": {"keyId": "k"}}, False),
        ({"finalizers": [FINALIZER]}, False),
        ({"labels": {"a": "b"}}, False),
        ({"annotations": {"somebody/else": "x"}}, False),
        ({"annotations": annotated(reconcile_at="now")}, True),
        ({"annotations": annotated(paused="true")}, True),
        ({"generation": 2}, True),
        ({"uid": "another"}, True),
        ({"deletionTimestamp": "2026-03-01T00:00:00Z"}, True),
    ],
    ids=["status", "finalizer", "label", "another's annotation", "reconcile-at", "paused", "spec", "anew", "deletion"],
)
def test_only_what_people_change_asks_anew(changed, asks):
    before = seen_of(body("Key", "orders"))
    assert seen_of(body("Key", "orders", **changed), before=before).asks_anew(before) is asks


@pytest.mark.parametrize(
    ("after", "asks"),
    [
        ({}, True),
        ({"finalizers": ["somebody/else"]}, True),
        ({"deletionTimestamp": "2026-03-01T00:00:00Z"}, False),
    ],
    ids=["all", "ours alone", "at its end"],
)
def test_a_finalizer_that_is_taken_off_asks_anew_unless_the_object_goes(after, asks):
    ending = {name: after[name] for name in after if name == "deletionTimestamp"}
    before = seen_of(body("Key", "orders", finalizers=[FINALIZER], **ending))
    assert seen_of(body("Key", "orders", **after), before=before).asks_anew(before) is asks


@pytest.mark.parametrize(("status", "ready"), [("True", True), ("False", False), ("Unknown", False)])
def test_an_object_is_ready_when_its_status_says_so(status, ready):
    conditions = [{"type": "Synced", "status": "True"}, {"type": "Ready", "status": status}]
    assert seen_of(body("Key", "orders", status={"conditions": conditions})).is_ready is ready


def test_what_was_brought_about_is_told_by_the_generation():
    assert seen_of(body("Key", "orders", generation=3, status={"syncedGeneration": 3})).synced_before
    assert not seen_of(body("Key", "orders", generation=3, status={"syncedGeneration": 2})).synced_before
    assert not seen_of(body("Key", "orders", generation=3)).synced_before


def test_what_is_on_a_key_that_has_a_successor_is_still_to_follow_it():
    seen = seen_of(body("Alias", "main", status={"syncedGeneration": 1, "syncedKeyId": "k-1"}))
    assert seen.synced_before
    assert replace(seen, on_key="k-1").synced_before
    assert not replace(seen, on_key="k-2").synced_before
    assert replace(seen_of(body("Alias", "main", status={"syncedGeneration": 1})), on_key="k-2").synced_before
