"""Manifests that come from an API server: the same checks, with fields for places."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.kit.diagnostics import Position
from reconciler.kit.errors import InvalidInput
from reconciler.manifest.desire import desire
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.manifest.limits import MAX_DEPTH, MAX_NODES
from reconciler.manifest.load import load
from reconciler.manifest.objects import DANGLING, Neighbours, check_object, field_at, read_object
from reconciler.manifest.sources import Source
from reconciler.manifest.yamltext import parse
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target
from tests.docs.pages import ROOT
from tests.manifest.test_diagnostics import CASES

KEY = {
    "apiVersion": "kms.reconciler.dev/v1alpha1",
    "kind": "Key",
    "metadata": {"name": "k", "namespace": "shop", "uid": "7c0f", "resourceVersion": "12", "generation": 3},
    "spec": {"aliases": ["one", "two"], "tags": {"team": "a"}},
    "status": {"keyId": "1234"},
}
EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))


def an_object(kind="Key", spec=None, **fields):
    return {**copy.deepcopy(KEY), "kind": kind, "spec": KEY["spec"] if spec is None else spec, **fields}


def faults_of(body, neighbours=None):
    """(name, field) of everything wrong with `body`."""
    read = read_object(body, file="Key/shop/k")
    found = check_object(read, neighbours or Neighbours()) if isinstance(read, Document) else read
    return [(fault.name, field_at(body, fault.position)) for fault in found]


def test_an_object_is_the_manifest_that_its_author_wrote():
    read = read_object(KEY, file="Key/shop/k")
    assert isinstance(read, Document)
    assert (read.kind, read.name, read.file) == (ManifestKind.KEY, "k", "Key/shop/k")
    assert read.tree.value["metadata"] == {"name": "k", "namespace": "shop"}
    assert "status" not in read.tree.value
    assert check_object(read, Neighbours()) == ()


def test_reading_leaves_the_object_as_it_is():
    before = copy.deepcopy(KEY)
    read_object(KEY, file="f")
    assert before == KEY


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT / "examples")))
def test_an_example_is_as_sound_an_object_as_it_is_a_file(path):
    bodies = [body for body in yaml.safe_load_all(path.read_text(encoding="utf-8")) if isinstance(body, dict)]
    for number, body in enumerate(bodies):
        if str(body.get("apiVersion", "")).startswith("kms.reconciler.dev/"):
            names = {
                (ManifestKind(other["kind"]), other["metadata"]["name"]) for other in bodies if other.get("metadata")
            }
            read = read_object(body, file=str(number))
            assert isinstance(read, Document)
            found = check_object(read, Neighbours(declared=names))
            assert [fault for fault in found if fault.name != DANGLING] == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (an_object(spec={"rotation": {"automatic": {"periodDays": 1}}}), "rotation-period-out-of-range"),
        (an_object(spec={"aliases": ["a", "alias/a"]}), "duplicate-alias"),
        (an_object(spec={"policy": {"users": ["x"]}}), "invalid-policy"),
        (an_object("KeyPolicy", {"users": ["x"]}), "invalid-policy"),
        (an_object("KeyPolicy", {"document": {"Statement": "x"}}), "invalid-policy"),
        (an_object(kind="Keyy"), "unknown-kind"),
        (an_object(apiVersion="kms.reconciler.dev/v9"), "unknown-api-version"),
        (an_object(apiVersion="v1", kind="Pod"), "unknown-api-version"),
        (an_object("Alias", {"name": "x", "keyRef": {"name": "o"}}), DANGLING),
    ],
    ids=[
        "schema",
        "own check",
        "policy",
        "shared policy",
        "shared document",
        "kind",
        "version",
        "foreign",
        "reference",
    ],
)
def test_what_is_wrong_with_a_file_is_wrong_with_an_object(body, found):
    names = [name for name, _ in faults_of(body)]
    assert found in names


def test_a_place_is_a_field_and_so_is_every_place_that_a_text_names():
    body = an_object(spec={"aliases": ["x", "a", "alias/a"]})
    (fault,) = check_object(read_object(body, file="Key/shop/k"), Neighbours())
    assert field_at(body, fault.position) == "spec.aliases[2]"
    assert fault.why == "the first one is at spec.aliases[1]; an alias points to one key"


def test_a_place_in_no_field_is_the_whole():
    assert field_at(KEY, Position("f", 1)) == ""
    assert field_at(KEY, Position("f", 10_000)) == ""


@settings(deadline=None)
@given(
    st.recursive(
        st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
        ),
        max_leaves=15,
    )
)
def test_every_value_has_a_place_of_its_own(value):
    body = {"metadata": {"name": "k"}, "spec": value}
    fields = [field_at(body, Position("f", line)) for line in range(1, 200)]
    there = [field for field in fields if field]
    values = [field for number, field in enumerate(there) if field != (there[number - 1] if number else None)]
    assert len(values) == len(set(values))
    assert "spec" in there


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ({"policy": {"document": {"a": list(range(MAX_NODES))}}}, "document-too-large"),
        ({"policy": {"document": json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)}}, "nesting-too-deep"),
    ],
    ids=["large", "deep"],
)
def test_an_object_without_bounds_is_refused_before_it_is_looked_at(spec, name):
    assert faults_of(an_object(spec=spec)) == [(name, "")]


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"generateName": "orders-"}, "orders"),
        ({"generateName": "orders.", "name": "orders-x7f"}, "orders-x7f"),
        ({"name": "orders"}, "orders"),
    ],
    ids=["to be made up", "made up", "given"],
)
def test_a_name_that_the_server_makes_up_is_what_it_begins_with_until_then(metadata, name):
    read = read_object(an_object(metadata=metadata), file="f")
    assert isinstance(read, Document)
    assert read.name == name


@pytest.mark.parametrize("metadata", [None, "x", {"name": 3}, {}], ids=["null", "text", "number", "empty"])
def test_an_object_without_a_name_is_a_fault_and_no_accident(metadata):
    assert faults_of(an_object(metadata=metadata))


def test_the_target_of_the_run_and_others_count():
    role = "arn:aws-cn:iam::111122223333:role/x"
    europe = Target(region="eu-central-1", backend="aws")
    china = Target(region="cn-north-1", backend="aws")
    policy = {"users": [role]}
    assert faults_of(an_object(spec={"policy": policy}), Neighbours({RUN_TARGET: china})) == []
    assert faults_of(an_object(spec={"policy": policy}), Neighbours({RUN_TARGET: europe}))
    named = an_object("KeyPolicy", policy)
    assert faults_of(named, Neighbours({RUN_TARGET: europe})) == [("wrong-partition-arn", "spec.users[0]")]
    elsewhere = an_object(spec={"policy": policy, "targetRef": {"name": "cn"}})
    known = Neighbours({RUN_TARGET: europe, TargetName("cn"): china}, {(ManifestKind.TARGET, "cn")})
    assert faults_of(elsewhere, known) == []


def test_a_manifest_that_loads_as_a_file_reads_as_an_object():
    text = "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {name: k}\nspec: {description: x}\n"
    (loaded,) = load([Source("f", text)]).documents
    read = read_object(yaml.safe_load(text), file="f")
    assert isinstance(read, Document)
    assert (read.kind, read.name, read.spec) == (loaded.kind, loaded.name, loaded.spec)


def alone() -> list[Path]:
    """The faulty files of one document each whose fault is not one of YAML."""
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        parsed = parse(path.read_text(encoding="utf-8"), path.name)
        if len(parsed.trees) == 1 and not parsed.faults and isinstance(parsed.trees[0].value, dict):
            found.append(path)
    return found


def test_there_are_faulty_files_to_compare_with():
    assert len(alone()) >= 15


def told_of(text: str, name: str) -> set[tuple[str, str, str]]:
    """What is wrong with a file, as far as it can be told without asking an account."""
    try:
        desire(load([Source(name, text)]), stack="default", accounts={})
    except InvalidInput as invalid:
        return {(fault.name, fault.what, fault.fix) for fault in invalid.diagnostics}
    return set()


@pytest.mark.parametrize("path", alone(), ids=lambda path: path.stem)
def test_an_object_is_told_what_its_file_is_told(path):
    text = path.read_text(encoding="utf-8")
    read = read_object(parse(text, path.name).trees[0].value, file=path.name)
    found = check_object(read, Neighbours()) if isinstance(read, Document) else read
    assert {(fault.name, fault.what, fault.fix) for fault in found} == told_of(text, path.name)
