"""Texts to documents: JSON by its own parser, everything else as YAML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from reconciler.convert.places import Node, Origin
from reconciler.convert.shortforms import ShortForms
from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.manifest.limits import MAX_DEPTH
from reconciler.manifest.yamlfaults import too_deep
from reconciler.manifest.yamltext import parse


@dataclass(slots=True)
class Read:
    """What a text holds, and what is wrong with it."""

    documents: list[Node] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)


def read(text: str, file: str) -> Read:
    """The documents of `text`. Its faults show nothing that it holds but names: states hold secrets."""
    broken = None
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            broken = _broken(error, file)
        else:
            return Read([], [too_deep(Position(file))]) if _is_deep(value) else Read([Node(Origin(file, value), value)])
    parsed = parse(text, file, loader=ShortForms)
    faults = [broken] if broken and parsed.faults and "{{" not in text else parsed.faults
    return Read([_node(file, tree.value, tree.marks, sound=tree.sound) for tree in parsed.trees], faults)


def _is_deep(value: Any) -> bool:
    """Whether collections are nested deeper than YAML's may be."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
    return bool(level)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _node(file: str, value: Any, marks: Any, *, sound: bool) -> Node:
    return Node(Origin(file, value, marks, sound), value)


def _broken(error: orjson.JSONDecodeError, file: str) -> Diagnostic:
    return Diagnostic(
        "invalid-json",
        Position(file, error.lineno, error.colno),
        "this is not JSON from here on",
        "it is cut off, or something else was written into it, such as messages of a program",
        "have it written anew",
    )
