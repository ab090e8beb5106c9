"""Costs for people: one line a key, and the sum before and after."""

from __future__ import annotations

from reconciler.kit.printable import printable
from reconciler.report.costs import HEAD, Costs, basis, cells
from reconciler.report.style import Style, Tone
from reconciler.report.text.prose import sentence
from reconciler.report.text.table import table
from reconciler.report.words import money

_NUMBERS = frozenset(range(2, len(HEAD)))


def render(costs: Costs, style: Style) -> str:
    """A table of `costs`, their sum and what they are reckoned from."""
    lines = [style.paint(Tone.BOLD, f"Cost of stack {printable(costs.stack)}"), ""]
    if costs.keys:
        rows = [[printable(cell) for cell in cells(key)] for key in costs.keys]
        lines += [*table(HEAD, rows, style, right=_NUMBERS), ""]
    return "\n".join([*lines, money(costs.total), *sentence(basis(costs.prices), style, 0)]) + "\n"
