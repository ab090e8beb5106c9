"""The page of annotations has every annotation there is, with examples that ask for something."""

from __future__ import annotations

import pytest

from reconciler.controller.admission.annotations import annotation_warnings
from reconciler.controller.objects import annotations
from reconciler.controller.objects.annotations import PREFIX, Asked, asked_of
from reconciler.controller.objects.seen import seen_of
from reconciler.controller.work.deletions import Farewell, farewell_of
from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.schemas import API_VERSION
from tests.controller.support.objects import annotated, body
from tests.docs.pages import DOCS, blocks, named, tables

PAGE = DOCS / "operator" / "annotations.md"
ROWS = named(PAGE, "annotation")
KNOWN = {
    value.removeprefix(PREFIX)
    for name, value in vars(annotations).items()
    if name.isupper() and isinstance(value, str) and value.startswith(PREFIX) and value != PREFIX
}
(ENDS,) = (table for table in tables(PAGE) if table[0][0] == "kind")
RETAINED = ("retained", "nothing is there")


def test_every_annotation_has_a_row_and_every_row_an_annotation():
    assert ROWS.keys() == KNOWN


@pytest.mark.parametrize("name", sorted(ROWS))
def test_an_example_asks_for_something_and_nobody_warns_of_it(name):
    example = {PREFIX + name: ROWS[name][1].strip("`")}
    assert asked_of(example) != Asked()
    assert list(annotation_warnings({"metadata": {"annotations": example}}, None)) == []


@pytest.mark.parametrize("name", sorted(ROWS))
def test_the_kinds_of_a_row_are_kinds(name):
    assert ROWS[name][2] == "all" or set(ROWS[name][2].split(", ")) <= set(ManifestKind)


def test_the_commands_and_the_manifest_use_annotations_that_there_are():
    texts = [block.text for block in blocks(PAGE)]
    used = {word.split("=")[0].rstrip("-:") for text in texts for word in text.split() if word.startswith(PREFIX)}
    used -= {API_VERSION}
    assert used <= {PREFIX + name for name in KNOWN}
    assert len(used) > 3


@pytest.mark.parametrize(
    ("kind", "policy", "said"),
    [(row[0], head.strip("`"), cell) for row in ENDS[1:] for head, cell in zip(ENDS[0][2:], row[2:], strict=True)],
)
def test_what_becomes_of_a_resource_is_what_the_table_says(kind, policy, said):
    seen = seen_of(body(kind, "x", spec={}, annotations=annotated(deletion_policy=policy)))
    assert (farewell_of(seen) is Farewell.RETAIN) is (said in RETAINED)


@pytest.mark.parametrize(("kind", "said"), [row[:2] for row in ENDS[1:]])
def test_what_becomes_of_a_resource_of_which_nothing_is_said(kind, said):
    specs = {"ReplicaKey": {"primaryRef": {"name": "p"}, "targetRef": {"name": "west"}}}
    seen = seen_of(body(kind, "x", spec=specs.get(kind, {})))
    assert (farewell_of(seen) is Farewell.RETAIN) is (said in RETAINED or "retained without it" in said)


def test_every_kind_has_a_row_of_what_becomes_of_it():
    assert {row[0] for row in ENDS[1:]} == set(ManifestKind)
    assert len(ENDS[1:]) == len(ManifestKind)
