"""Manifests that Hypothesis draws from the schemas: each field as its schema allows it, combined by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.schemas import API_VERSION, schema_of

_CHARACTERS = st.characters(codec="utf-8")
_NAMES = st.sampled_from(["orders", "a.b-c", "0"])
_DOCUMENTS = st.sampled_from([{"Version": "2012-10-17", "Statement": []}, '{"Statement": []}', "", {}])
_STATEMENTS = st.sampled_from([{"Sid": "A", "Effect": "Allow", "Action": ["kms:*"]}, {}])
_LARGEST = 10**18 - 1


def manifests(kind: ManifestKind) -> st.SearchStrategy[dict[str, Any]]:
    """Objects whose spec has the shape that its schema asks for; what fields say together may be wrong."""
    spec = values(schema_of(kind.lower())["properties"]["spec"])
    if kind is ManifestKind.GRANT:  # by chance, hardly one would be sound
        spec = st.one_of(spec, spec.map(lambda drawn: {"granteePrincipal": "role/batch", **drawn}))
    return st.builds(_object, st.just(kind), _NAMES, spec)


def _object(kind: ManifestKind, name: str, spec: Any) -> dict[str, Any]:
    return {"apiVersion": API_VERSION, "kind": str(kind), "metadata": {"name": name}, "spec": spec}


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """What matches `schema`."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "string":
            return _texts(schema)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", -_LARGEST), schema.get("maximum", _LARGEST))
        case "array":
            return _lists(schema)
        case "object":
            return _mappings(schema)
        case _:
            return _DOCUMENTS


def _texts(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    low, high = schema.get("minLength", 0), schema.get("maxLength", 4096)
    choices = [st.sampled_from(schema["examples"])] if "examples" in schema else []
    if "pattern" in schema:
        whole = schema["pattern"][:-1] + r"\Z"
        drawn = st.from_regex(whole, alphabet=_CHARACTERS).filter(lambda text: low <= len(text) <= high)
    else:
        drawn = st.text(_CHARACTERS, min_size=low, max_size=min(high, low + 10))
    return st.one_of(*choices, drawn)


def _lists(schema: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    least = schema.get("minItems", 0)
    unique = {"unique": True} if schema.get("uniqueItems") else {}
    return st.lists(values(schema["items"]), min_size=least, max_size=least + 2, **unique)


def _mappings(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "properties" not in schema:
        return _open_mappings(schema)
    fields = {name: values(child) for name, child in schema["properties"].items()}
    if schema.get("maxProperties") == 1:
        return st.one_of(*(st.fixed_dictionaries({name: field}) for name, field in fields.items()))
    return st.one_of(*(_some_of(fields, needed) for needed in _needed(schema)))


def _needed(schema: Mapping[str, Any]) -> list[tuple[set[str], set[str]]]:
    """The fields that must be there, and those that must not, for each choice that the schema leaves."""
    always = set(schema.get("required", ()))
    choices = [set(choice["required"]) for choice in schema.get("oneOf", ())]
    every = set().union(*choices)
    return [(always | choice, every - choice) for choice in choices] or [(always, set())]


def _some_of(
    fields: Mapping[str, st.SearchStrategy[Any]], needed: tuple[set[str], set[str]]
) -> st.SearchStrategy[dict[str, Any]]:
    required, excluded = needed
    free = sorted(fields.keys() - required - excluded)
    if not free:
        return st.fixed_dictionaries({name: fields[name] for name in sorted(required)})
    chosen = st.lists(st.sampled_from(free), unique=True, max_size=4)
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries({name: fields[name] for name in [*sorted(required), *names]})
    )


def _open_mappings(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "additionalProperties" not in schema:
        return _STATEMENTS
    names = schema.get("propertyNames", {})
    keys = st.text(_CHARACTERS, min_size=names.get("minLength", 0), max_size=12)
    ordinary = st.sampled_from(["team", "cost-centre", "owner:of"])
    least = schema.get("minProperties", 0)
    return st.dictionaries(
        st.one_of(ordinary, keys), values(schema["additionalProperties"]), min_size=least, max_size=least + 2
    )
