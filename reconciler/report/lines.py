"""Differences as lines, before any format has its say: terminal and Markdown show the same ones.

A line's text is printable: escaped once, here, where it is made of other people's values.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from reconciler.kit.absent import ABSENT
from reconciler.kit.printable import printable
from reconciler.report.nested import is_nested, nested_changes
from reconciler.report.words import SENSITIVE

VALUE_LIMIT = 400
"""Of a value's JSON text, in characters; what is cut off is said."""


class Mark(enum.StrEnum):
    """What a line says happens."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"
    COSMETIC = "·"
    """It reads differently and means the same."""
    KEPT = "="
    """It is so, and stays so."""
    NOTED = "!"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line; `depth` counts levels of indentation from 0."""

    mark: Mark
    text: str
    depth: int = 0


def deeper(lines: Iterator[DiffLine], by: int = 1) -> Iterator[DiffLine]:
    """`lines`, indented."""
    return (replace(line, depth=line.depth + by) for line in lines)


def value_text(value: Any) -> str:
    """A JSON value on one printable line; strings in quotation marks, so that `"1"` and `1` differ."""
    return printable(json.dumps(value, ensure_ascii=False, sort_keys=True), limit=VALUE_LIMIT)


def field_lines(path: str, before: Any, after: Any) -> Iterator[DiffLine]:
    """How the field at `path` gets from `before` to `after`: JSON values or `ABSENT`, nested ones place by place."""
    name = printable(path)
    inside = list(deeper(_inside(before, after))) if is_nested(before) and is_nested(after) else []
    if inside:
        yield DiffLine(Mark.CHANGED, name)
        yield from inside
    elif before is ABSENT:
        yield DiffLine(Mark.ADDED, f"{name}: {value_text(after)}")
    elif after is ABSENT:
        yield DiffLine(Mark.REMOVED, f"{name}: {value_text(before)}")
    else:
        yield DiffLine(Mark.CHANGED, f"{name}: {value_text(before)} → {value_text(after)}")


def hidden_line(path: str, before: Any, after: Any) -> DiffLine:
    """That the field at `path` differs, and nothing of how."""
    mark = Mark.ADDED if before is ABSENT else Mark.REMOVED if after is ABSENT else Mark.CHANGED
    return DiffLine(mark, f"{printable(path)}: {SENSITIVE}")


def kept_line(path: str, value: Any) -> DiffLine:
    """That the field at `path` is `value`, a JSON value, and stays so."""
    return DiffLine(Mark.KEPT, f"{printable(path)}: {value_text(value)}")


def cosmetic_line(path: str, before: Any, after: Any) -> DiffLine:
    """That the field at `path` is written differently; `before` and `after` are JSON values or `ABSENT`."""
    old, new = ("(none)" if value is ABSENT else value_text(value) for value in (before, after))
    return DiffLine(Mark.COSMETIC, f"{printable(path)}: {old} → {new} (means the same)")


def _inside(before: Any, after: Any) -> Iterator[DiffLine]:
    for change in nested_changes(before, after):
        if change.path:
            yield from field_lines(change.path, change.before, change.after)
        else:
            mark, value = (Mark.ADDED, change.after) if change.before is ABSENT else (Mark.REMOVED, change.before)
            yield DiffLine(mark, value_text(value))
            if change.before is not ABSENT and change.after is not ABSENT:
                yield DiffLine(Mark.ADDED, value_text(change.after))
