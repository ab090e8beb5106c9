"""Who gains and loses what, as JSON values."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.kit.diagnostics import Position
from reconciler.plan.access.diff import AccessChange
from reconciler.plan.access.reach import Origin, Way
from reconciler.policy.conditions import Condition
from reconciler.report.json.encode import Json, position


def encode(change: AccessChange, places: Sequence[Position]) -> Json:
    """`change`; `places` are where the statements of the new policy are written."""
    new = change.gained is not (change.way is Way.DENIAL)
    return {
        "effect": "gained" if change.gained else "lost",
        "principal": change.principal,
        "actions": list(change.actions),
        "way": change.way.name.lower().replace("_", "-"),
        "conditions": [condition(one) for one in change.conditions],
        "statements": [_statement(one, places if new else ()) for one in change.origins if one.index >= 0],
        "detail": change.detail,
    }


def condition(of: Condition) -> Json:
    """One condition, as a policy has it."""
    return {"operator": of.operator, "key": of.key, "values": list(of.values)}


def _statement(origin: Origin, places: Sequence[Position]) -> Json:
    place = places[origin.index] if origin.index < len(places) else None
    return {"index": origin.index, "sid": origin.name, "position": position(place)}
