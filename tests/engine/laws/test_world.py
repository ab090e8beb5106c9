"""Any history of a world of accounts, Regions, people and keys, against a small model, with every operation there is.

Material is never lost while anything needs it, refused calls change nothing, acknowledged ones count at once in both
of two engines on one folder, listings agree, and every error is one that the operation's model lists. What a key's
states and material must be is `tests.engine.keys.lifecycle_model`'s to say.
"""

from __future__ import annotations

from hypothesis.stateful import run_state_machine_as_test

from reconciler.engine.operations import OPERATIONS
from tests.engine.laws.effort import effort
from tests.engine.laws.machine.lists import Lists
from tests.engine.laws.machine.lives import KINDS
from tests.engine.laws.machine.model import APP, MAIN, OTHER, REGIONS, ROOTS, Grant, Rule


def test_any_history_of_a_world_is_that_of_the_model():
    run_state_machine_as_test(Lists, settings=effort(16, stateful_step_count=60))


def test_every_operation_has_its_place_in_the_world():
    world = Lists()
    try:
        one_history(world)
        assert {operation for operation, code in world.seen if code == "ok"} == set(OPERATIONS)
    finally:
        world.teardown()


def one_history(world):
    """A history in which every operation succeeds once."""
    shared, brought, _ = world.first("signing").values
    for kind in KINDS:
        world.prove_all(world.made(MAIN, REGIONS[0], kind))
    world.bring_everywhere(brought, 2)
    world.take_away(brought, 0)
    world.rotate_by_itself(shared, 0, on=True)
    world.rotate_by_itself(shared, 0, on=False)
    world.rename(shared, brought, 0, "alias/a")
    world.unname(MAIN, REGIONS[0], "alias/a", None)
    world.tag(shared, 0, None, "team", "a")
    world.untag(shared, 0, None, "team")
    world.describe(shared, 0, None, "a")
    world.rule_over(shared, 0, None, Rule("Allow", APP))
    for retire in (False, True):
        world.grant(shared, 0, None, Grant(ROOTS[OTHER], "Decrypt", None, ()))
        world.end_grant(shared, 0, None, retire=retire)
    world.become(MAIN)
    world.tags_are_those_of_the_model()
    for key in world.all:
        world.show(key, ROOTS[MAIN], 0, named=True)
        world.ask_everything_of_a_key(key, 0, ROOTS[MAIN], "arn")
    world.ask_everything_else(ROOTS[MAIN], REGIONS[0])
    world.move(shared, 0, REGIONS[1])
    for disabled in (True, False):
        world.switch(shared, 0, disabled=disabled)
    world.schedule(shared, 0, 7)
    world.cancel(shared, 0)
    world.build_store()
    world.change_store()
    world.disconnect()
    world.tear_store_down()
