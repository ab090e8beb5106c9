"""Costs as a Markdown table."""

from __future__ import annotations

from reconciler.report.costs import HEAD, Costs, basis, cells
from reconciler.report.markdown.escape import code, prose, row, table
from reconciler.report.words import money


def render(costs: Costs) -> str:
    """A table of `costs`, their sum and what they are reckoned from."""
    rows = [row(*(prose(cell) for cell in cells(key))) for key in costs.keys]
    parts = [f"### Cost of stack {code(costs.stack)}"]
    parts += [table([name.capitalize() for name in HEAD], rows)] if rows else []
    return "\n\n".join([*parts, f"**{prose(money(costs.total))}**", prose(basis(costs.prices))]) + "\n"
