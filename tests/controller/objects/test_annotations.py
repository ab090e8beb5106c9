"""What annotations ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.controller.objects.annotations import Asked, asked_of, with_asked
from tests.controller.support.objects import annotated


@pytest.mark.parametrize(
    ("annotations", "asked"),
    [
        ({}, Asked()),
        ({"somebody.else/paused": "true"}, Asked()),
        (annotated(paused="true"), Asked(paused=True)),
        (annotated(paused="True"), Asked(paused=True)),
        (annotated(paused="false"), Asked()),
        (annotated(paused="yes"), Asked()),
        (annotated(paused=""), Asked()),
        (annotated(reconcile_at="2026-11-22"), Asked(reconcile_at="2026-11-22")),
        (annotated(reconcile_at=""), Asked(reconcile_at="")),
        (annotated(deletion_policy="Delete"), Asked(deletion_policy="Delete")),
        (annotated(adopt="alias/old"), Asked(adopt="alias/old")),
        (annotated(adopt=""), Asked()),
        (annotated(allow="key-in-use, alias-takeover,"), Asked(allow=frozenset({"key-in-use", "alias-takeover"}))),
        (annotated(allow=" , "), Asked()),
        (annotated(prune="true"), Asked(prune=True)),
    ],
    ids=lambda value: ",".join(f"{k.partition('/')[2]}={v}" for k, v in value.items()) if type(value) is dict else "",
)
def test_annotations_ask_for_what_the_table_says(annotations, asked):
    assert replace(asked_of(annotations), ignored=()) == asked


@pytest.mark.parametrize(
    ("annotations", "told"),
    [
        (annotated(pasued="true"), "did you mean kms.reconciler.dev/paused?"),
        (annotated(something_else="x"), "the annotation kms.reconciler.dev/something-else does nothing"),
        (annotated(paused="yes"), "the annotation kms.reconciler.dev/paused does nothing: it can be true, false"),
        (annotated(deletion_policy="retain"), "does nothing: it can be Retain, Schedule, Delete"),
        ({"kms.reconciler.dev/prune": 1}, "it can be true, false"),
    ],
    ids=["misspelt", "unknown", "another value", "another case", "no text"],
)
def test_an_annotation_that_asks_for_nothing_is_told_of(annotations, told):
    (found,) = asked_of(annotations).ignored
    assert told in found


def test_what_is_asked_for_and_what_is_somebody_elses_is_not_told_of():
    fine = annotated(paused="True", prune="false", deletion_policy="Retain", reconcile_at="", allow="x")
    assert asked_of({**fine, "somebody.else/pasued": "true"}).ignored == ()
    many = annotated(**{f"x{number}": "" for number in range(50)})
    assert len(asked_of(many).ignored) == 20


@pytest.mark.parametrize(
    ("adopt", "spec"),
    [("alias/old", {"alias": "alias/old"}), ("1234", {"keyId": "1234"}), ("arn:aws:kms:…", {"keyId": "arn:aws:kms:…"})],
    ids=["alias", "id", "ARN"],
)
def test_a_key_to_adopt_is_declared_as_in_a_spec(adopt, spec):
    assert with_asked("Key", {"enabled": True}, Asked(adopt=adopt)) == {"enabled": True, "adopt": spec}


@pytest.mark.parametrize("kind", ["Key", "ReplicaKey"])
def test_what_becomes_of_a_key_is_declared_beside_the_rest_of_its_deletion(kind):
    spec = {"deletion": {"policy": "Retain", "windowDays": 9}}
    found = with_asked(kind, spec, Asked(deletion_policy="Schedule"))
    assert found == {"deletion": {"policy": "Schedule", "windowDays": 9}}
    assert spec == {"deletion": {"policy": "Retain", "windowDays": 9}}


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("Key", Asked()),
        ("Key", Asked(deletion_policy="Delete")),
        ("ReplicaKey", Asked(adopt="1234")),
        ("Alias", Asked(adopt="1234", deletion_policy="Delete")),
        ("Grant", Asked(deletion_policy="Retain")),
    ],
    ids=["nothing", "no policy of keys", "replicas adopt nothing", "Alias", "Grant"],
)
def test_other_annotations_declare_nothing(kind, asked):
    spec = {"description": "x"}
    assert with_asked(kind, spec, asked) is spec
