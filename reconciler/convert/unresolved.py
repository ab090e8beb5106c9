"""Values that only the other tool could put in, and texts that manifests would misread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reconciler.convert.places import Node
from reconciler.manifest.pseudo import PARAMETERS

_PSEUDO: Final = tuple(f"${{{name}}}" for name in PARAMETERS)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Stands where a value should be."""

    why: str
    fix: str = "write the value itself into the manifest"


NEVER_SHOWN: Final = Unresolved("it is marked as sensitive", "write it into the manifest, if it is no secret")
MISREAD: Final = Unresolved("it holds what a manifest takes for a parameter (`${aws:…}`)", "leave it to others")


def unresolved_in(node: Node) -> Iterator[tuple[Node, Unresolved]]:
    """Every value at or below `node` that is not known, with its place."""
    if isinstance(node.value, Unresolved):
        yield node, node.value
    for _, child in node.children():
        yield from unresolved_in(child)
    for child in node.items():
        yield from unresolved_in(child)


def literal(value: Any) -> Any:
    """`value` of a tool that knows none of our pseudo parameters: texts that look like one are put aside."""
    if isinstance(value, str):
        return MISREAD if any(parameter in value for parameter in _PSEUDO) else value
    if isinstance(value, dict):
        return {name: literal(child) for name, child in value.items()}
    return [literal(child) for child in value] if isinstance(value, list) else value
