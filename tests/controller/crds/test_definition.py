"""Each kind's definition: names, columns, and a schema that holds everything that the kind has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.controller.crds.definition import definition_of
from reconciler.controller.crds.naming import NAMING
from reconciler.controller.crds.place import ITEMS, Placed, placed_in
from reconciler.controller.crds.rule import Rule, text
from reconciler.controller.crds.rules import RULES
from reconciler.controller.work import concluding
from reconciler.manifest.documents import KEY_KINDS, ManifestKind
from reconciler.manifest.schemas import schema_of
from tests.docs.pages import DOCS, named

FORBIDDEN = {"$ref", "oneOf", "anyOf", "allOf", "not", "uniqueItems", "const", "propertyNames", "patternProperties"}
MAX_MESSAGE = 2048
"""Source: https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/"""
PAGE = DOCS / "operator" / "custom-resources.md"


def version(kind: ManifestKind) -> dict[str, Any]:
    (only,) = definition_of(kind)["spec"]["versions"]
    return only


def schema(kind: ManifestKind) -> dict[str, Any]:
    return version(kind)["schema"]["openAPIV3Schema"]


def nodes(part: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every part of a schema that describes a value, with its path."""
    yield path, part
    for name, child in part.get("properties", {}).items():
        yield from nodes(child, (*path, name))
    for keyword, step in (("items", ITEMS), ("additionalProperties", "{}")):
        if isinstance(part.get(keyword), dict):
            yield from nodes(part[keyword], (*path, step))


def paths(kind: ManifestKind) -> set[str]:
    return {"." + ".".join(path) for path, _ in nodes(schema(kind))}


@pytest.mark.parametrize("kind", ManifestKind)
def test_a_schema_is_structural_and_every_field_is_explained(kind):
    for path, part in nodes(schema(kind)):
        assert not FORBIDDEN & set(part), path
        assert "type" in part or part["x-kubernetes-preserve-unknown-fields"] is True, path
        assert part.get("description") or not path or path == ("metadata",) or path[-1] == "{}", path
        assert "additionalProperties" not in part or "properties" not in part, path
        assert part.get("type") != "array" or "x-kubernetes-list-type" in part, path


@pytest.mark.parametrize("kind", ManifestKind)
def test_nothing_is_defaulted_but_the_status_of_a_new_object(kind):
    defaults = {path: part["default"] for path, part in nodes(schema(kind)) if "default" in part}
    assert defaults == {("status",): {"observedGeneration": -1}}


@pytest.mark.parametrize("kind", ManifestKind)
def test_every_field_of_the_manifest_is_there_and_no_other(kind):
    def known(part: dict[str, Any], path: str = ".spec") -> Iterator[str]:
        yield path
        for name, child in part.get("properties", {}).items():
            yield from known(child, f"{path}.{name}")

    manifest = set(known(schema_of(kind.lower())["properties"]["spec"]))
    assert {
        path for path in paths(kind) if path.startswith(".spec") and "{" not in path and "[" not in path
    } == manifest


@pytest.mark.parametrize("kind", ManifestKind)
def test_columns_and_selectors_show_fields_that_there_are(kind):
    there = paths(kind)
    for column in version(kind)["additionalPrinterColumns"]:
        path = re.sub(r"\[\?\(@\.type==\"[A-Za-z]+\"\)\]", f".{ITEMS}", column["jsonPath"])
        assert path in there or path == ".metadata.creationTimestamp", column
    for field in version(kind).get("selectableFields", ()):
        assert field["jsonPath"] in there


@pytest.mark.parametrize("kind", ManifestKind)
def test_the_rules_point_to_fields_that_there_are_and_say_what_to_do(kind):
    for path, part in nodes(schema(kind)):
        for rule in part.get("x-kubernetes-validations", ()):
            field = rule.get("fieldPath", "")
            assert f".{'.'.join(path)}{field}".replace("..", ".").rstrip(".") in {*paths(kind), ""}, rule
            assert len(rule["message"]) <= MAX_MESSAGE
            assert "\n" not in rule["rule"] + rule["message"]
            assert rule["message"].count("`") % 2 == 0, rule
            assert re.search(r"[:;] ", rule["message"]), rule


def test_names_are_nobody_elses():
    names = [name for naming in NAMING.values() for name in (naming.plural, naming.short)]
    assert len(set(names)) == len(names) == 2 * len(ManifestKind)
    assert [kind for kind, naming in NAMING.items() if naming.scope == "Cluster"] == [ManifestKind.TARGET]


EVERYWHERE = {"observedGeneration", "conditions", "lastHandledReconcileAt", "ignoredAnnotations"}


@pytest.mark.parametrize("kind", ManifestKind)
def test_the_status_holds_what_the_operator_writes(kind):
    written = {*EVERYWHERE, *concluding._SHOWN[kind]}
    if kind not in (ManifestKind.KEY_POLICY, ManifestKind.TARGET, ManifestKind.ACCESS_TEST):
        written |= {"drift", "syncedGeneration"}
    if kind in KEY_KINDS:
        written.add("syncedPolicyGeneration")
    if kind in (ManifestKind.ALIAS, ManifestKind.GRANT):
        written.add("syncedKeyId")
    assert set(schema(kind)["properties"]["status"]["properties"]) == written


@pytest.mark.parametrize("kind", ManifestKind)
def test_the_page_says_what_a_kind_is_called_and_what_its_status_holds(kind):
    tables = PAGE.read_text(encoding="utf-8")
    naming = NAMING[kind]
    assert f"| `{naming.plural}` | `{naming.short}` | {'namespace' if naming.namespaced else 'cluster'} |" in tables
    (row,) = re.findall(rf"^\| [^|]*`{kind}`[^|]* \| (`[a-zA-Z]+`(?:, `[a-zA-Z]+`)*) \|$", tables, re.MULTILINE)
    shown = set(re.findall(r"`([a-zA-Z]+)`", row))
    assert shown == set(schema(kind)["properties"]["status"]["properties"]) - EVERYWHERE


def test_the_page_lists_the_diagnostics_that_only_kmsctl_gives():
    known = (DOCS / "diagnostics.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in known for name in named(PAGE, "diagnostic"))


def test_a_rule_that_has_no_place_is_a_mistake():
    with pytest.raises(KeyError, match="nowhere"):
        placed_in(schema(ManifestKind.KEY), Placed(("spec", "nowhere"), Rule("true", "x")))


def test_every_kind_has_rules():
    assert set(RULES) == set(ManifestKind)


def test_a_text_with_quotes_is_one_text_in_cel():
    assert text("it's \\d") == "'it\\'s \\\\d'"
