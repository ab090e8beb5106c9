"""Values of a document that was read, each with where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.kit.diagnostics import Position
from reconciler.manifest.positions import Marks, Path, locate


@dataclass(frozen=True, slots=True)
class Origin:
    """A document: its file, its values, and for YAML where each of them stands."""

    file: str
    value: Any
    marks: Marks[int] | None = None
    """None for JSON, in which places are told as paths."""
    sound: bool = True
    """False when parts of it could not be read."""

    def position(self, path: Path) -> Position:
        """Where the value at `path` stands; the beginning of the file for JSON."""
        if self.marks is None:
            return Position(self.file)
        return Position(self.file, *locate(self.value, self.marks, path))


@dataclass(frozen=True, slots=True)
class Node:
    """The value at `path` of a document; None where there is none."""

    origin: Origin
    value: Any
    path: tuple[str | int, ...] = ()

    @property
    def position(self) -> Position:
        """Where it stands, or the nearest place to where it would."""
        return self.origin.position(self.path)

    @property
    def pathname(self) -> str:
        """Its way in a JSON document, as `values.resources[3]`; nothing for YAML, which has lines."""
        if self.origin.marks is not None or not self.path:
            return ""
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return steps.removeprefix(".")

    @property
    def mapping(self) -> dict[str, Any]:
        """Its value where that is a mapping, else an empty one."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, *steps: str) -> Node:
        """What is below it by these names."""
        value = self.value
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return Node(self.origin, value, (*self.path, *steps))

    def items(self) -> Iterator[Node]:
        """The elements of its list; nothing where it is none."""
        for index, child in enumerate(self.value if isinstance(self.value, list) else ()):
            yield Node(self.origin, child, (*self.path, index))

    def children(self) -> Iterator[tuple[str, Node]]:
        """The fields of its mapping, by name; nothing where it is none."""
        for name, child in self.mapping.items():
            yield name, Node(self.origin, child, (*self.path, name))

    def replaced(self, value: Any) -> Node:
        """The same place with another value."""
        return Node(self.origin, value, self.path)

    def text(self, *steps: str) -> str:
        """The text below it by these names; empty where there is none, or something else."""
        value = self.get(*steps).value
        return value if isinstance(value, str) else ""
