"""Rules in CEL, and what they say when they are broken: `x-kubernetes-validations`.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a value, which CEL calls `self`."""

    rule: str
    """True where the value is as it must be."""
    message: str
    """What is wrong, why, and what to do, in the words of `kmsctl validate`."""
    field: str = ""
    """The path from the value to the field that is at fault, such as `.spec.name`."""
    expression: str = ""
    """CEL for a message that names values; `message` stands in where it fails."""

    def as_schema(self) -> dict[str, str]:
        """The entry of `x-kubernetes-validations`."""
        made = {"rule": self.rule, "message": self.message}
        if self.expression:
            made["messageExpression"] = self.expression
        if self.field:
            made["fieldPath"] = self.field
        return made


def with_rules(schema: dict[str, Any], rules: Sequence[Rule]) -> dict[str, Any]:
    """`schema` with `rules` after those that it has."""
    if not rules:
        return schema
    there = schema.get("x-kubernetes-validations", [])
    return {**schema, "x-kubernetes-validations": [*there, *(rule.as_schema() for rule in rules)]}


def quoted(names: Iterable[str]) -> str:
    """Names as messages show fields: `a`, `b`."""
    return ", ".join(f"`{name}`" for name in names)


def among(values: Iterable[str]) -> str:
    """A list of texts in CEL."""
    return f"[{', '.join(text(value) for value in values)}]"


def text(value: str) -> str:
    """A text in CEL."""
    return "'" + json.dumps(value)[1:-1].replace("'", "\\'") + "'"


def exactly_one(names: Sequence[str]) -> tuple[Rule, Rule]:
    """Of fields that exclude each other, and of which one is needed."""
    either = quoted(names)
    there = ", ".join(f"has(self.{name})" for name in names)
    return (
        Rule(
            " || ".join(f"has(self.{name})" for name in names),
            f"it lacks one of {either}: exactly one is needed; add one",
        ),
        Rule(
            f"[{there}].filter(there, there).size() <= 1",
            f"it has more than one of {either}: they exclude each other; keep one of them",
        ),
    )


def never_both(first: str, second: str, why: str, fix: str = "keep one of them") -> Rule:
    """Of two fields that exclude each other, and need not be there."""
    words = f"it has `{first}` and `{second}`: {why}; {fix}"
    return Rule(f"!(has(self.{first}) && has(self.{second}))", words, f".{second}")
