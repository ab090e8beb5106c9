"""The promise that a crash at any moment leaves nothing to repair by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from reconciler.engine.engine import Engine
from reconciler.plan.steps import Step
from tests.apply.world import AFTER, BEFORE, Clients, clients, converge, make_plan, prepare, snapshot
from tests.support.secrets import wrapping_keys_made_once

pytestmark = pytest.mark.crash


def run_script(scenario: str, folder: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.apply.crash_script", scenario, str(folder)]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, cwd=Path(__file__).parents[2]
    )
    assert ended.returncode == 0, ended.stderr
    seen: list[dict[str, Any]] = json.loads(ended.stdout)
    return seen


@pytest.fixture(autouse=True)
def _quick_imports() -> Iterator[None]:
    with wrapping_keys_made_once():
        yield


@pytest.fixture
def regions(tmp_path, clock) -> Iterator[Clients]:
    """The bundled KMS in two Regions, empty."""
    with Engine.open(tmp_path / "engine", clock=clock) as engine:
        yield clients(engine)


@pytest.fixture
def undisturbed(regions, clock) -> list[dict[str, Any]]:
    """What the account holds when nothing goes wrong."""
    prepare(regions, clock)
    kinds = {type(step) for _, step in make_plan(regions, AFTER, clock).steps()}
    assert kinds == set(get_args(Step))
    assert converge(regions, AFTER, clock).ok
    assert not make_plan(regions, AFTER, clock).effective
    return snapshot(regions)


def test_killed_before_and_after_every_call_an_apply_ends_the_same_the_second_time(tmp_path, undisturbed):
    seen = run_script("single", tmp_path)
    assert len(seen) > 30
    assert [trial["lived"] for trial in seen] == [[False]] * (len(seen) - 1) + [[True]]
    for trial in seen:
        assert (trial["points"], trial["ok"], trial["left"]) == (trial["points"], True, [])
        assert (trial["points"], trial["snapshot"]) == (trial["points"], undisturbed)


def test_killed_again_and_again_with_calls_in_flight_it_ends_the_same(tmp_path, undisturbed):
    seen = run_script("repeated", tmp_path)
    assert sum(lived.count(False) for lived in (trial["lived"] for trial in seen)) > 20
    for trial in seen:
        assert (trial["points"], trial["ok"], trial["left"]) == (trial["points"], True, [])
        assert (trial["points"], trial["snapshot"]) == (trial["points"], undisturbed)


Entries = list[dict[str, Any]]


def without_losers(entries: Entries, wanted: Entries) -> Entries:
    """The account without keys that were given up: they await deletion and nothing points to them."""
    left = []
    for entry in entries:
        if entry["state"] == "PendingDeletion" and entry not in wanted:
            assert (entry["aliases"], entry["grants"]) == ([], [])
        else:
            left.append(entry)
    return left


def test_killed_while_it_yields_to_another_apply_it_leaves_one_key_a_name(tmp_path, undisturbed):
    seen = run_script("contested", tmp_path)
    assert len(seen) > 40
    for trial in seen:
        assert (trial["points"], trial["ok"], trial["left"]) == (trial["points"], True, [])
        assert (trial["points"], without_losers(trial["snapshot"], undisturbed)) == (trial["points"], undisturbed)


def test_two_processes_that_create_a_stack_at_once_both_end_with_one_key_a_name(tmp_path, regions, clock):
    assert converge(regions, BEFORE, clock).ok
    alone = snapshot(regions)
    for race in run_script("race_of_creation", tmp_path):
        assert race["ended"] == ["+", "+"]
        assert without_losers(race["at_once"], alone) == alone
        assert (race["ok"], race["left"]) == (True, [])


def test_two_processes_that_edit_a_stack_at_once_end_with_one_key_a_name(tmp_path, undisturbed):
    for race in run_script("race_of_edits", tmp_path):
        assert (race["ok"], race["left"]) == (True, [])
        assert names(without_losers(race["at_once"], undisturbed)) == names(undisturbed)
        assert rotated_once(without_losers(race["snapshot"], undisturbed)) == undisturbed


def names(entries: Entries) -> list[tuple[str, str]]:
    return sorted((str(entry["name"]), entry["tags"].get("kms.reconciler.dev/generation", "")) for entry in entries)


def rotated_once(entries: Entries) -> Entries:
    """Two applies that both find a key not rotated yet may rotate it twice, which loses nothing."""
    for entry in entries:
        if entry["name"] == "turning":
            assert entry["rotations"] in (1, 2)
            entry["rotations"] = 1
            entry["tags"]["kms.reconciler.dev/rotation"] = "2/1"
    return entries
