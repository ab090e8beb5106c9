"""The same input gives the same bytes, in any order and under any hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.model.desired import DesiredState
from reconciler.model.observed import ObservedKey, ObservedState, ObservedTarget
from reconciler.model.scope import scope_of
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.saved.planfile import SavedPlan, dump
from reconciler.plan.steps import Step
from tests.support.strategies import worlds

K = TypeVar("K")
V = TypeVar("V")

SCRIPT = Path(__file__).parent / "print_plan.py"
ROOT = Path(__file__).parents[2]
PATIENT = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _shuffled(mapping: Mapping[K, V], random: Random) -> dict[K, V]:
    items = list(mapping.items())
    random.shuffle(items)
    return dict(items)


def _shuffled_key(key: ObservedKey, random: Random) -> ObservedKey:
    return replace(key, tags=_shuffled(key.tags, random))


def shuffled(desired: DesiredState, observed: ObservedState, random: Random) -> tuple[DesiredState, ObservedState]:
    """The same world, listed in another order."""
    listed = {name: list(getattr(desired, name)) for name in ("keys", "aliases", "grants", "stores")}
    for resources in listed.values():
        random.shuffle(resources)
    targets = {
        name: ObservedTarget(
            target.account,
            target.read_at,
            {key_id: _shuffled_key(key, random) for key_id, key in _shuffled(target.keys, random).items()},
            _shuffled(target.aliases, random),
            _shuffled(target.stores, random),
        )
        for name, target in _shuffled(observed.targets, random).items()
    }
    return replace(desired, **{name: tuple(found) for name, found in listed.items()}), ObservedState(targets)


@PATIENT
@given(worlds(), st.booleans(), st.integers())
def test_the_order_of_the_input_does_not_matter(world: Any, prune: bool, seed: int) -> None:
    options = PlanOptions(prune=prune)
    other = shuffled(*world, Random(seed))
    one, two = plan(*world, options), plan(*other, options)
    assert dump(SavedPlan(one, {}, scope_of(world[0]))) == dump(SavedPlan(two, {}, scope_of(other[0])))


def test_the_hash_seed_does_not_matter():
    printed = {_printed(seed) for seed in ("0", "1", "4242")}
    assert len(printed) == 1
    assert all(kind.__name__ in text for text in printed for kind in get_args(Step))


def _printed(seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.no_cover
def test_generated_worlds_lead_to_every_kind_of_step():
    seen: set[Any] = set()

    @settings(PATIENT, max_examples=450, derandomize=True, phases=[Phase.generate], database=None)
    @given(worlds(), st.sampled_from((PlanOptions(), PlanOptions(prune=True), PlanOptions(prune=True, destroy=True))))
    def collect(world: Any, options: PlanOptions) -> None:
        desired, observed = world
        planned = plan(DesiredState(desired.stack) if options.destroy else desired, observed, options)
        seen.update(type(step) for _, step in planned.steps())

    collect()
    assert seen == set(get_args(Step))
