"""Statuses that anybody may have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.controller.objects.seen import seen_of
from reconciler.controller.objects.statuses import sound_status

CRDS = Path(__file__).parents[3] / "operator" / "crds"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("keyId", "conditions", "drift", "aliases", "observedGeneration", "syncedGeneration", "state", "grantId")
READY = {"type": "Ready", "status": "True", "reason": "InSync", "observedGeneration": 3}
GOOD = {
    "keyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "aliases": ["alias/orders"],
    "observedGeneration": 3,
    "conditions": [READY],
}


def body(status: Any) -> dict[str, Any]:
    metadata = {"name": "orders", "namespace": "shop", "uid": "1", "generation": 3}
    return {
        "apiVersion": "kms.reconciler.dev/v1alpha1",
        "kind": "Key",
        "metadata": metadata,
        "spec": {},
        "status": status,
    }


def test_a_status_of_ours_is_taken_as_it_is():
    assert sound_status(GOOD) == GOOD


@pytest.mark.parametrize("status", [None, "text", 7, [], [["keyId", "x"]], True])
def test_what_is_no_mapping_is_no_status(status):
    assert sound_status(status) == {}


def test_a_field_of_a_wrong_type_counts_as_missing_and_is_still_seen_to_be_there():
    found = sound_status({**GOOD, "keyId": 7, "aliases": ["alias/orders", 7], "observedGeneration": True, "new": []})
    assert found == {**GOOD, "keyId": None, "aliases": None, "observedGeneration": None, "new": None}


@pytest.mark.parametrize("junk", ["Ready", None, [], {"type": ["Ready"]}, {"type": "Ready", "observedGeneration": "3"}])
def test_a_condition_that_cannot_be_one_is_left_out(junk):
    assert sound_status({"conditions": [junk, READY]}) == {"conditions": [READY]}


@given(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON) | st.fixed_dictionaries({"conditions": st.lists(JSON)}))
def test_whatever_a_status_holds_the_object_can_be_read(status):
    seen = seen_of(body(status))
    assert seen.is_ready in (True, False)
    assert seen.synced_before in (True, False)
    assert all(isinstance(text, str) for condition in seen.conditions for text in condition)


@pytest.mark.parametrize("file", sorted(CRDS.glob("*[!n].yaml")), ids=lambda file: file.stem)
def test_every_field_that_a_definition_has_is_of_the_type_that_is_looked_for(file):
    definition = yaml.safe_load(file.read_text())
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]
    examples = {"string": "text", "integer": 7, "array": []}
    whole = {name: examples[its["type"]] for name, its in schema.items()}
    assert sound_status(whole) == whole
