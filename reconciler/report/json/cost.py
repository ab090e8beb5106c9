"""Costs for machines: `schemas/cost.schema.json`."""

from __future__ import annotations

from reconciler.report.costs import Costs
from reconciler.report.json.encode import document


def render(costs: Costs) -> str:
    """The whole estimate."""
    return document(
        "Cost",
        {
            "stack": costs.stack,
            "currency": "USD",
            "per": "month",
            "before": costs.total.before,
            "after": costs.total.after,
            "keys": [
                {"name": k.name, "keyId": k.key_id, "base": k.base, "rotations": k.rotations, "total": k.total}
                for k in costs.keys
            ],
            "prices": {"date": costs.prices.date, "source": costs.prices.source},
        },
    )
