"""Every JSON report against its schema, and no field that the schema does not know."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

_SCHEMAS = Path(__file__).parents[2] / "schemas"


def check(name: str, text: str) -> Any:
    """The value of `text`, which is valid by the schema called `name`."""
    value = json.loads(text)
    _validator(name).validate(value)
    return value


@cache
def _validator(name: str) -> Draft202012Validator:
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in _SCHEMAS.glob("*.json")}
    registry: Registry = Registry().with_resources(
        (file, Resource.from_contents(_closed(schema))) for file, schema in schemas.items()
    )
    schema = schemas[f"{name}.schema.json"]
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(_closed(schema), registry=registry)


def _closed(schema: Any) -> Any:
    """`schema` without room for properties that it does not name."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(item) for name, item in schema.items()}
    if "properties" in closed and "object" in closed.get("type", ()):
        closed.setdefault("additionalProperties", False)
    return closed
