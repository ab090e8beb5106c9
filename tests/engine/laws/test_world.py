"""Any history of a world of accounts, Regions, people and keys, against a small model, with every operation there is.

Material is never lost while anything needs it, refused calls change nothing, acknowledged ones count at once in both
of two engines on one folder, listings agree, and every error is one that the operation's model lists. What a key's
states and material must be is `tests.engine.lifecycle_model`'s to say.
"""

from __future__ import annotations

from hypothesis.stateful import run_state_machine_as_test

from reconciler.engine.operations import OPERATIONS
from tests.engine.laws.effort import effort
from tests.engine.laws.machine.lists import Lists


def test_any_history_of_a_world_is_that_of_the_model():
    seen = set()

    class World(Lists):
        def teardown(self):
            seen.update(self.seen)
            super().teardown()

    run_state_machine_as_test(World, settings=effort(16, stateful_step_count=60))
    assert {operation for operation, _ in seen} == set(OPERATIONS)
