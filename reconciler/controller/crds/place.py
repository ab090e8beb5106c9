"""Where in a schema a rule stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.controller.crds.rule import Rule, with_rules

ITEMS = "[]"
"""The step from a list to each of its entries."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule, and the way from the root of the resource to the value that it is about."""

    path: tuple[str, ...]
    rule: Rule


def at(path: str, *rules: Rule) -> tuple[Placed, ...]:
    """`rules` at a path such as `spec.aliases.[]`; at the root when it is empty."""
    return tuple(Placed(tuple(path.split(".")) if path else (), rule) for rule in rules)


def placed_in(schema: dict[str, Any], placed: Placed) -> dict[str, Any]:
    """`schema` with a rule in its place.

    Raises:
        KeyError: there is no such place.
    """
    if not placed.path:
        return with_rules(schema, (placed.rule,))
    step, rest = placed.path[0], Placed(placed.path[1:], placed.rule)
    if step == ITEMS:
        return {**schema, "items": placed_in(schema["items"], rest)}
    properties = schema["properties"]
    return {**schema, "properties": {**properties, step: placed_in(properties[step], rest)}}
