"""From our JSON Schemas to the structural schemas of Kubernetes.

What a structural schema cannot say becomes a rule in CEL (`oneOf`, exactly one field, names of a mapping) or a kind of
list (`uniqueItems`); what none of them can say stays in the description. Values are never defaulted: a field that is
left out is left to others, and a default in the cluster would declare it.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ (structural
schemas) and https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.controller.crds.rule import Rule, exactly_one, with_rules

Schema = dict[str, Any]

_KEPT: Final = (
    "format",
    "enum",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
)
_TRANSLATED: Final = frozenset(
    {
        "$schema",
        "title",
        "type",
        "description",
        "default",
        "examples",
        "properties",
        "additionalProperties",
        "propertyNames",
        "items",
        "uniqueItems",
        "oneOf",
        "required",
        "x-shared-properties",
    }
)
_DIGITS: Final = re.compile(r"\^\[0-9\]\{([0-9]+)\}\$")
_INSTANT: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T"
"""How patterns of instants begin. Days that no month has, only the format refuses."""
_ONLY_NAMES: Final = ({"name"}, {"name", "key"})
"""Fields of references, which are replaced as a whole."""


def structural(schema: Mapping[str, Any]) -> Schema:
    """The structural schema of a value that `schema` describes; its references must have been resolved.

    Raises:
        ValueError: the schema has a keyword that is not known here.
    """
    unknown = schema.keys() - _TRANSLATED - set(_KEPT)
    if unknown:
        raise ValueError(f"the schema keywords {sorted(unknown)} are not known here")
    made: Schema = {}
    if description := _description(schema):
        made["description"] = description
    if isinstance(schema["type"], str):
        made["type"] = schema["type"]
    made |= {keyword: schema[keyword] for keyword in _KEPT if keyword in schema}
    made |= _implied(schema.get("pattern", ""))
    if schema["type"] == "array":
        made |= _list(schema)
    elif schema["type"] == "object":
        made |= _mapping(schema)
    if _takes_exactly_one(schema):
        del made["minProperties"], made["maxProperties"]
    return with_rules(made, tuple(_rules(schema)))


def _description(schema: Mapping[str, Any]) -> str:
    text: str = schema.get("description", "")
    if "default" in schema:
        text += f" Default: {json.dumps(schema['default']).strip(chr(34))}."
    if examples := schema.get("examples"):
        text += f" For example {', '.join(str(example) for example in examples)}"
    return text


def _implied(pattern: str) -> Schema:
    """What a pattern says in other words: a length, from which the cost of rules is estimated, or a format."""
    if match := _DIGITS.fullmatch(pattern):
        return {"maxLength": int(match[1])}
    return {"format": "date-time"} if pattern.startswith(_INSTANT) else {}


def _list(schema: Mapping[str, Any]) -> Schema:
    merged = "set" if schema.get("uniqueItems") else "atomic"
    return {
        "items": structural(schema["items"]),
        "x-kubernetes-list-type": schema.get("x-kubernetes-list-type", merged),
    }


def _mapping(schema: Mapping[str, Any]) -> Schema:
    made: Schema = {}
    if "properties" in schema:
        made["properties"] = {name: structural(child) for name, child in schema["properties"].items()}
    elif isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = structural(schema["additionalProperties"])
    if "required" in schema:
        made["required"] = list(schema["required"])
    if set(schema.get("properties", ())) in _ONLY_NAMES:
        made["x-kubernetes-map-type"] = "atomic"
    return made


def _takes_exactly_one(schema: Mapping[str, Any]) -> bool:
    return "properties" in schema and schema.get("minProperties") == schema.get("maxProperties") == 1


def _rules(schema: Mapping[str, Any]) -> Iterator[Rule]:
    if _takes_exactly_one(schema):
        yield from exactly_one(tuple(schema["properties"]))
    if "oneOf" in schema:
        yield from exactly_one(tuple(name for choice in schema["oneOf"] for name in choice["required"]))
    names = schema.get("propertyNames", {})
    if "maxLength" in names:
        low, high = names["minLength"], names["maxLength"]
        rule = f"self.all(name, {low} <= size(name) && size(name) <= {high})"
        yield Rule(rule, f"a name here has {low} to {high} characters; use another name")
