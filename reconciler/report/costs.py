"""What a stack costs a month: each key now, and all of them before and after a plan."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.plan.changes import Cost
from reconciler.plan.cost import KeyCost, Prices

HEAD = ("NAME", "KEY", "KEY/MONTH", "ROTATIONS/MONTH", "TOTAL/MONTH")
"""The columns of `cells`; from the third on they are numbers."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Estimates in US dollars a month; requests are not counted."""

    stack: str
    keys: tuple[KeyCost, ...]
    total: Cost
    prices: Prices


def cells(cost: KeyCost) -> tuple[str, ...]:
    """`cost` as a line of a table, not escaped."""
    return (cost.name, cost.key_id, *(f"${dollars:,.2f}" for dollars in (cost.base, cost.rotations, cost.total)))


def basis(prices: Prices) -> str:
    """One line: where the numbers come from."""
    return f"Prices of {prices.date} ({prices.source}); requests are not counted."
