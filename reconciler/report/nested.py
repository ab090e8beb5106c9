"""What differs inside two nested values, explained by deepdiff.

Comparators decide whether values differ; this only says where. deepdiff is imported when there is something to explain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.kit.absent import ABSENT, Absent


@dataclass(frozen=True, slots=True)
class NestedChange:
    """One place that differs."""

    path: str
    """Keys of mappings from the outside in, joined by dots; empty for an entry of the list itself."""
    before: Any | Absent
    after: Any | Absent


def is_nested(value: Any) -> bool:
    """Whether `value` has an inside."""
    return isinstance(value, Mapping | list | tuple)


def nested_changes(before: Any, after: Any) -> tuple[NestedChange, ...]:
    """The places at which `before` and `after` differ, sorted; lists are compared as sets of entries.

    Empty when they differ only in the order or repetition of list entries.
    """
    from deepdiff import DeepDiff
    from deepdiff.helper import notpresent

    def value(side: Any) -> Any:
        return ABSENT if side is notpresent else side

    tree = DeepDiff(before, after, ignore_order=True, view="tree", threshold_to_diff_deeper=0)
    changes = (
        NestedChange(_path(level.path(output_format="list")), value(level.t1), value(level.t2))
        for kind in tree.values()
        for level in kind
    )
    return tuple(sorted(changes, key=lambda change: (change.path, repr(change.after), repr(change.before))))


def _path(steps: list[Any]) -> str:
    return ".".join(step for step in steps if isinstance(step, str))
