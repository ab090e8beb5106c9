"""Plain values as YAML in block style, short lists in flow style, so that what is read back is what was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.report.yaml.scalars import listed, text

_WIDTH: Final = 110
"""Characters from where on a list has a line for each of its items."""


def document(value: Mapping[str, Any]) -> str:
    """`value`, of texts, numbers, booleans, nulls, lists and mappings, as one YAML document that ends its last line."""
    return "".join(f"{line}\n" for line in _mapping(value))


def _mapping(value: Mapping[str, Any]) -> Iterator[str]:
    for name, child in value.items():
        short = _short(child)
        if short is not None:
            yield f"{text(name)}: {short}"
        else:
            yield f"{text(name)}:"
            yield from (f"  {line}" for line in _lines(child))


def _sequence(value: Sequence[Any]) -> Iterator[str]:
    for child in value:
        short = _short(child)
        lines = [short] if short is not None else list(_lines(child))
        yield f"- {lines[0]}"
        yield from (f"  {line}" for line in lines[1:])


def _lines(value: Any) -> Iterator[str]:
    return _mapping(value) if isinstance(value, Mapping) else _sequence(value)


def _short(value: Any) -> str | None:
    """`value` where it fits on the line of its name, else None."""
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, Mapping | Sequence):
        return json.dumps(value)
    if not value:
        return "{}" if isinstance(value, Mapping) else "[]"
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        flow = listed(value)
        return flow if len(flow) <= _WIDTH else None
    return None
