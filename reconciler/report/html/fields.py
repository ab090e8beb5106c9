"""Fields that differ, as a table: a line a field, its value on either side, policies statement by statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from reconciler.kit.absent import ABSENT
from reconciler.report.lines import DiffLine, Mark, field_lines, value_text
from reconciler.report.policylines import Place, policy_lines
from reconciler.report.words import SENSITIVE

_MEANS_THE_SAME = "means the same"
_KEPT = "Now"
_INSIDE = "Difference"
"""Titles where there is but one column: nothing differs, or all that does has lines of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field."""

    mark: Mark
    path: str
    values: tuple[str | None, str | None] = (None, None)
    """On the left and on the right; None where there is none."""
    lines: tuple[DiffLine, ...] = ()
    """How the values differ inside, in place of them."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Fields under the titles of the columns that have something in them."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Row, tuple[str | None, ...]], ...]
    """Each row with its cells, as many as there are heads; none where it has lines."""


def table(rows: Iterable[Row], left: str, right: str) -> Table:
    """`rows` under the titles `left` and `right`, as far as something is there."""
    listed = tuple(rows)
    flat = [row for row in listed if not row.lines]
    sides = tuple(side for side in (0, 1) if any(row.values[side] is not None for row in flat))
    heads = tuple((left, right)[side] for side in sides)
    if not flat:
        heads = (_INSIDE,)
    elif all(row.mark is Mark.KEPT for row in flat):
        heads, sides = (_KEPT,), (0,)
    return Table(heads, tuple((row, tuple(row.values[side] for side in sides if not row.lines)) for row in listed))


def kept(path: str, value: Any) -> Row:
    """A field that is so and stays so."""
    return Row(Mark.KEPT, path, (value_text(value), value_text(value)))


def differing(path: str, before: Any, after: Any, place: Place) -> Row:
    """How a field gets from `before` to `after`: JSON values or `ABSENT`, of a policy JSON texts."""
    mark = _mark(before, after)
    if path == "policy":
        head, *inside = policy_lines(path, before, after, place)
        mark = head.mark
    else:
        _, *inside = field_lines(path, before, after)
    if inside:
        return Row(mark, path, lines=tuple(replace(line, depth=line.depth - 1) for line in inside))
    return Row(mark, path, (_text(before), _text(after)))


def hidden(path: str, before: Any, after: Any) -> Row:
    """A field of which nothing is said but that it differs."""
    left, right = (None if value is ABSENT else SENSITIVE for value in (before, after))
    return Row(_mark(before, after), path, (left, right))


def reworded(path: str, before: Any, after: Any) -> Row:
    """A field that reads differently and means the same."""
    return Row(Mark.COSMETIC, path, (_text(before), _text(after)), note=_MEANS_THE_SAME)


def _mark(before: Any, after: Any) -> Mark:
    return Mark.ADDED if before is ABSENT else Mark.REMOVED if after is ABSENT else Mark.CHANGED


def _text(value: Any) -> str | None:
    return None if value is ABSENT else value_text(value)
