"""Tables on a terminal: columns as wide as their widest cell, two spaces between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from reconciler.report.style import Style, Tone
from reconciler.report.text.columns import columns


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], style: Style, *, right: frozenset[int] = frozenset()
) -> list[str]:
    """Lines of printable cells under `head`; the columns in `right` are aligned to the right."""
    widths = [max(map(columns, column)) for column in zip_longest(head, *rows, fillvalue="")]
    lines = [_line(row, widths, right) for row in (head, *rows)]
    return [style.paint(Tone.BOLD, lines[0]), *lines[1:]]


def _line(cells: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    padded = []
    for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        blank = " " * (width - columns(cell))
        padded.append(blank + cell if index in right else cell + blank)
    return "  ".join(padded).rstrip()
