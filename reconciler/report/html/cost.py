"""Costs as a page."""

from __future__ import annotations

from reconciler.report.costs import HEAD, Costs, basis, cells
from reconciler.report.html.page import page
from reconciler.report.html.verdict import Tone, Verdict
from reconciler.report.words import money

_NUMBERS = tuple(range(2, len(HEAD)))


def render(costs: Costs) -> str:
    """A table of `costs`, their sum and what they are reckoned from."""
    more = costs.total.after > costs.total.before
    return page(
        "cost",
        f"Cost of stack {costs.stack}",
        Verdict(Tone.CHANGED if more else Tone.QUIET, money(costs.total).removeprefix("Cost: ").removesuffix(".")),
        costs=costs,
        basis=basis(costs.prices),
        head=HEAD,
        rows=[cells(key) for key in costs.keys],
        numbers=_NUMBERS,
    )
