"""What the keys of a stack cost, as far as it can be told from what was read.

Prices are data (`prices.json`, with date and source). Requests are not counted: nobody here knows how many there are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from reconciler.model.identifiers import KeyId
from reconciler.model.observed import ObservedKey, ObservedState
from reconciler.model.ownership import Ownership


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars a month."""

    key: float
    rotation: float
    """Added by each of the first `rotations_charged` rotations of a key."""
    rotations_charged: int
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class KeyCost:
    """What one key costs a month."""

    name: str
    key_id: KeyId
    base: float
    rotations: float
    """An estimate: from the age of the key and the period of its rotation, and from the rotations that were read."""

    @property
    def total(self) -> float:
        """Of both."""
        return self.base + self.rotations


@cache
def prices() -> Prices:
    """The prices that kmsctl ships."""
    return Prices(**json.loads((Path(__file__).parent / "prices.json").read_text(encoding="utf-8")))


def key_costs(observed: ObservedState, stack: str, *, since: ObservedState | None = None) -> tuple[KeyCost, ...]:
    """Of every key of `stack`, by name. A key that awaits deletion is free; so is what AWS manages.

    `observed` may be a simulation of what a plan makes of `since`: a rotation that it switches on has not rotated yet.
    """
    costs = []
    for name, target in observed.targets.items():
        before = since.targets[name].keys if since else target.keys
        for key in target.keys.values():
            owner = Ownership.of(key.tags)
            if owner and owner.stack == stack and not key.pending_deletion:
                rotations = _rotations(key, before.get(key.key_id), target.read_at)
                costs.append(KeyCost(owner.name, key.key_id, prices().key, rotations))
    return tuple(sorted(costs, key=lambda cost: (cost.name, cost.key_id)))


def monthly(observed: ObservedState, stack: str, *, since: ObservedState | None = None) -> float:
    """US dollars a month for all keys of `stack`; see `key_costs`."""
    return sum(cost.total for cost in key_costs(observed, stack, since=since))


def _rotations(key: ObservedKey, before: ObservedKey | None, now: datetime) -> float:
    if key.rotation is None:
        return 0.0
    done = key.rotation.on_demand_rotations or 0
    then = before.rotation if before else None
    if key.rotation.enabled and then and then.enabled and then.period:
        done += (now - key.created).days // then.period
    return min(done, prices().rotations_charged) * prices().rotation
