"""Rotation by KMS itself, on demand, and none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import AutomaticRotation, Ignore, NoRotation, OnDemandRotation
from reconciler.model.identifiers import Days
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedRotation
from reconciler.model.ownership import ROTATION_TAG, RotationMark
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import EnableRotation, ExistingKey, RotateOnDemand, TagKey
from tests.plan.build import IMPORTED, RSA, declares, differing, has, kinds, names, only, pending, there, wants

KEY = ExistingKey("k-1")
OFF = ObservedRotation(enabled=False, on_demand_rotations=0)
YEARLY = ObservedRotation(enabled=True, period=Days(365))
NONE = NoRotation("it holds nothing")


def marked(serial, rotations, intended=None, *, done=None, **fields):
    """A real key with a rotation mark that has been rotated `done` times."""
    mark = {ROTATION_TAG: str(RotationMark(serial, rotations, intended))}
    return has(tags=mark, rotation=replace(OFF, on_demand_rotations=done), **fields)


@pytest.mark.parametrize(
    ("rotation", "real", "steps", "fields"),
    [
        pytest.param(AutomaticRotation(), YEARLY, [], {}, id="on and on"),
        pytest.param(
            AutomaticRotation(),
            OFF,
            ["EnableRotation"],
            {"rotation.automatic.periodDays": (ABSENT, 365)},
            id="on and off",
        ),
        pytest.param(
            AutomaticRotation(Days(90)),
            YEARLY,
            ["EnableRotation"],
            {"rotation.automatic.periodDays": (365, 90)},
            id="another period",
        ),
        pytest.param(NONE, OFF, [], {}, id="none and off"),
        pytest.param(
            NONE, YEARLY, ["DisableRotation"], {"rotation.automatic.periodDays": (365, ABSENT)}, id="none and on"
        ),
        pytest.param(NONE, None, [], {}, id="none and not read"),
        pytest.param(ABSENT, YEARLY, [], {}, id="not declared"),
    ],
)
def test_automatic_rotation_is_switched_as_declared(rotation, real, steps, fields):
    change = only(declares(wants(rotation=rotation)), there(has(rotation=real)))
    assert (kinds(change), differing(change)) == (steps, fields)


def test_ignored_rotation_is_somebody_elses():
    ignore = Ignore(fields=frozenset({"rotation"}))
    for rotation in (NONE, OnDemandRotation(7)):
        key = marked(1, 0, done=0)
        assert only(declares(wants(rotation=rotation, ignore=ignore)), there(key)).steps == ()


def test_no_rotation_of_a_key_that_cannot_rotate_is_no_step():
    assert only(declares(wants(rotation=NONE, **RSA)), there(has(**RSA))).steps == ()


def test_a_disabled_key_is_opened_for_its_rotation_and_closed_again():
    key = has(rotation=OFF, state=KeyState.DISABLED)
    change = only(declares(wants(enabled=False, rotation=AutomaticRotation())), there(key))
    assert kinds(change) == ["EnableKey", "EnableRotation", "DisableKey"]


def test_rotation_of_a_key_that_awaited_deletion_is_switched_off_to_be_sure_for_kms_does_not_tell():
    change = only(declares(wants(rotation=NONE)), there(pending()))
    assert kinds(change) == ["CancelDeletion", "EnableKey", "DisableRotation"]


def test_a_new_key_begins_at_the_declared_serial_and_is_not_rotated():
    (step,) = only(declares(wants(rotation=OnDemandRotation(5))), there()).steps
    assert step.tags[ROTATION_TAG] == "5/0"


def test_a_new_key_rotates_automatically_from_the_start():
    change = only(declares(wants(rotation=AutomaticRotation(Days(90)))), there())
    assert isinstance(change.steps[1], EnableRotation)
    assert change.steps[1].period == 90


def test_a_key_without_a_mark_takes_the_declared_serial_as_its_beginning():
    key = has(rotation=replace(OFF, on_demand_rotations=3))
    (step,) = only(declares(wants(rotation=OnDemandRotation(5))), there(key)).steps
    assert step == TagKey(KEY, {ROTATION_TAG: "5/3"})


def test_a_raised_serial_is_announced_then_rotated_once_then_marked():
    change = only(declares(wants(rotation=OnDemandRotation(2))), there(marked(1, 0, done=0)))
    assert change.steps == (
        TagKey(KEY, {ROTATION_TAG: "1/0/2"}),
        RotateOnDemand(KEY, 0),
        TagKey(KEY, {ROTATION_TAG: "2/1"}),
    )
    assert differing(change)["rotation.onDemand.serial"] == (1, 2)


def test_a_rotation_that_somebody_else_made_before_is_not_taken_for_the_one_that_is_asked_for():
    change = only(declares(wants(rotation=OnDemandRotation(2))), there(marked(1, 0, done=3)))
    assert RotateOnDemand(KEY, 3) in change.steps
    assert change.steps[-1] == TagKey(KEY, {ROTATION_TAG: "2/4"})


@pytest.mark.parametrize(
    ("key", "steps"),
    [
        pytest.param(marked(1, 0, 2, done=0), ["RotateOnDemand", "TagKey"], id="before the rotation"),
        pytest.param(marked(1, 0, 2, done=1), ["TagKey"], id="after the rotation"),
        pytest.param(marked(2, 1, done=1), [], id="after the mark"),
        pytest.param(marked(1, 0, 9, done=1), ["TagKey", "RotateOnDemand", "TagKey"], id="of another serial"),
    ],
)
def test_after_a_crash_a_raised_serial_is_honoured_exactly_once(key, steps):
    desired = declares(wants(rotation=OnDemandRotation(2)))
    first = plan(desired, there(key))
    assert kinds(first.changes[0]) == steps
    assert plan(desired, simulate(first, there(key))).effective == ()


@pytest.mark.parametrize("serial", [0, 1])
def test_a_lowered_or_equal_serial_does_nothing(serial):
    assert only(declares(wants(rotation=OnDemandRotation(serial))), there(marked(1, 0, done=4))).steps == ()


def test_a_count_that_was_not_read_is_taken_from_the_mark():
    key = replace(marked(1, 4), rotation=None)
    assert RotateOnDemand(KEY, 4) in only(declares(wants(rotation=OnDemandRotation(2))), there(key)).steps


def test_a_key_without_material_keeps_its_mark_until_it_can_be_rotated():
    key = marked(1, 0, done=None, state=KeyState.PENDING_IMPORT, **IMPORTED)
    assert only(declares(wants(rotation=OnDemandRotation(2), **IMPORTED)), there(key)).steps == ()


def test_a_key_whose_deletion_is_cancelled_is_not_rotated_without_material():
    key = marked(1, 0, done=None, state=KeyState.PENDING_DELETION, material=False, **IMPORTED)
    assert kinds(only(declares(wants(rotation=OnDemandRotation(2), **IMPORTED)), there(key))) == ["CancelDeletion"]


def test_kms_rotates_a_key_on_demand_25_times_at_most():
    change = only(declares(wants(rotation=OnDemandRotation(2))), there(marked(1, 25, done=25)))
    assert names(change) == ["rotation-limit"]
