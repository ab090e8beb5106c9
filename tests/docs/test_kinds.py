"""The pages of the kinds have a row for every field of the schemas, with its default, its values and its limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.manifest.documents import ManifestKind
from tests.docs.pages import DOCS, ROOT, named

SCHEMAS = ROOT / "schemas"
INDEX = DOCS / "manifests.md"
LIMITS = ("minimum", "maximum", "maxLength", "maxItems", "maxProperties")
FEW = 10
TYPES = {
    "object": "mapping",
    "array": "list of",
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
}


def page_of(kind: str):
    return DOCS / "kinds" / f"{kind.lower()}.md"


def schema(name: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """`part` itself, or what it refers to."""
    if "$ref" not in part:
        return part
    file, _, pointer = part["$ref"].partition("#/$defs/")
    return schema(file.removesuffix(".schema.json"))["$defs"][pointer]


def fields(part: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Every property below `part`: its path, its schema, whether it is required."""
    part = resolved(part)
    for name, child in part.get("properties", {}).items():
        here = f"{path}{name}"
        yield here, resolved(child), name in part.get("required", ())
        if not child.get("$ref", "").endswith("/policy"):  # it has a page of its own
            yield from fields(child, f"{here}.")


def cases() -> Iterator[Any]:
    for kind in ManifestKind:
        for path, part, required in fields(schema(kind.lower())["properties"]["spec"]):
            yield pytest.param(page_of(kind), path, part, required, id=f"{kind} {path}")
    whole = schema("key")
    for name in ("apiVersion", "kind", "metadata"):
        yield pytest.param(INDEX, name, resolved(whole["properties"][name]), True, id=name)
    for path, part, required in fields(whole["properties"]["metadata"], "metadata."):
        yield pytest.param(INDEX, path, part, required, id=path)
    for path, part, required in fields(schema("config")):
        yield pytest.param(INDEX, path, part, required, id=f"kmsctl.yaml {path}")


def facts(part: dict[str, Any]) -> Iterator[str]:
    """What a row must say of its field: allowed values and limits, those of its entries too.

    Lists of many values have a section of their own, principals too; "exactly one" needs no number.
    """
    entries = [
        part[key] for key in ("items", "additionalProperties", "propertyNames") if isinstance(part.get(key), dict)
    ]
    entries = [resolved(entry) for entry in entries if not entry.get("$ref", "").endswith("/principal")]
    for each in (part, *entries):
        values = each.get("enum", ())
        yield from (f"`{value}`" for value in values if len(values) <= FEW)
        yield from (f"{each[limit]}" for limit in LIMITS if each.get(limit, 1) != 1)


@pytest.mark.parametrize(("page", "path", "part", "required"), list(cases()))
def test_a_field_has_a_row_with_its_type_its_default_and_its_limits(page, path, part, required):
    table = named(page, "field")
    assert path in table, f"add a row for `{path}`"
    _, kind, default, meaning = table[path]
    wanted = part["type"] if isinstance(part["type"], list) else [part["type"]]
    assert all(TYPES[name] in kind for name in wanted)
    assert "required" in default or not required
    if "default" in part:
        assert f"`{json.dumps(part['default']).strip(chr(34))}`" in default
    for fact in facts(part):
        assert fact in meaning.replace(",", "") or fact in default, f"`{path}` does not say {fact}"


@pytest.mark.parametrize("kind", list(ManifestKind))
def test_a_page_has_no_row_for_a_field_that_is_not_there(kind):
    known = {path for path, _, _ in fields(schema(kind.lower())["properties"]["spec"])}
    assert set(named(page_of(kind), "field")) == known


@pytest.mark.parametrize(
    ("page", "values"),
    [
        (page_of("key"), schema("key")["properties"]["spec"]["properties"]["keySpec"]["enum"]),
        (page_of("grant"), schema("grant")["properties"]["spec"]["properties"]["operations"]["items"]["enum"]),
    ],
    ids=["key specs", "grant operations"],
)
def test_every_value_of_a_long_list_is_on_the_page(page, values):
    text = page.read_text(encoding="utf-8")
    assert [value for value in values if f"`{value}`" not in text] == []


def test_every_kind_has_a_page_that_the_index_links_to():
    index = INDEX.read_text(encoding="utf-8")
    assert {page.stem for page in (DOCS / "kinds").glob("*.md")} == {kind.lower() for kind in ManifestKind}
    assert all(f"](kinds/{kind.lower()}.md)" in index for kind in ManifestKind)
