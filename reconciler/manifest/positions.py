"""Where every value of a document stands in its file, in eight bytes a value.

Ten thousand manifests have half a million values, so positions are kept apart from the values, in one flat array:
line and column of each value in the order of a walk through the document (a mapping, its first key, that key's
value, the next key, ...). A position is looked up by walking the same way, which only diagnostics need.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

Path = Sequence[str | int]
"""The way to a value: keys of mappings and indexes of lists, e.g. `("spec", "aliases", 0)`."""

Marks = array
"""Line and column, from zero, of each value in walking order."""


def new_marks() -> Marks[int]:
    """No marks yet."""
    return array("I")


def locate(value: Any, marks: Marks[int], path: Path, *, of_key: bool = False) -> tuple[int, int]:
    """Line and column, from 1, of the value at `path`, or of the key that leads to it.

    A path that leaves the document ends at the last value on it: the place for what is missing.
    """
    index, key_index = 0, 0
    for step in path:
        found = _descend(value, step, index)
        if found is None:
            break
        value, index, key_index = found
    at = 2 * (key_index if of_key else index)
    return marks[at] + 1, marks[at + 1] + 1


def elements(value: dict[str, Any], marks: Marks[int], name: str) -> Iterator[tuple[Any, Marks[int]]]:
    """Each element of the list that the mapping `value` holds under `name`, with marks of its own."""
    found = _descend(value, name, 0)
    if found is None:
        return
    children, index, _ = found
    index += 1
    for child in children:
        size = _size(child)
        yield child, marks[2 * index : 2 * (index + size)]
        index += size


def _descend(value: Any, step: str | int, index: int) -> tuple[Any, int, int] | None:
    index += 1
    if isinstance(value, dict):
        for key, child in value.items():
            if key == step:
                return child, index + 1, index
            index += 1 + _size(child)
    elif isinstance(value, list):
        for position, child in enumerate(value):
            if position == step:
                return child, index, index
            index += _size(child)
    return None


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(1 + _size(child) for child in value.values())
    if isinstance(value, list):
        return 1 + sum(_size(child) for child in value)
    return 1
