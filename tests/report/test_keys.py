"""The state of keys, in every format."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedRotation, ObservedState, Regions
from reconciler.report.json import keys as as_json
from reconciler.report.keys import keys_of
from reconciler.report.markdown import keys as as_markdown
from reconciler.report.style import Style
from reconciler.report.text import keys as as_text
from tests.report import hostile, states
from tests.report.basics import STACK, key_id
from tests.report.schemas import check


def test_the_keys_of_a_stack_read_well(snapshot):
    assert as_text.render(keys_of(states.busy(), STACK), Style()) == snapshot


def test_the_keys_of_everybody_read_well(snapshot):
    assert as_text.render(keys_of(states.busy(), STACK, everyones=True), Style(colour=True)) == snapshot


def test_keys_read_well_as_markdown(snapshot):
    assert as_markdown.render(keys_of(states.busy(), STACK)) == snapshot


def test_keys_have_a_stable_form(snapshot):
    assert as_json.render(keys_of(states.busy(), STACK)) == snapshot


def test_without_keys_there_is_no_table():
    nothing = keys_of(ObservedState({}), STACK)
    assert as_text.render(nothing, Style()) == "Keys of stack payments\n\n0 keys.\n"
    assert as_markdown.render(nothing) == "### Keys of stack `payments`\n\n0 keys.\n"


@pytest.mark.parametrize(("count", "said"), [(1, "1 key, pending deletion."), (2, "2 keys, all pending deletion.")])
def test_keys_of_one_state_are_not_counted_twice(count, said):
    keys = keys_of(states.busy(), STACK)
    pending = next(row for row in keys.rows if row.key.state is KeyState.PENDING_DELETION)
    assert as_text.render(replace(keys, rows=(pending,) * count), Style()).endswith(f"\n{said}\n")


def test_a_rotation_of_which_the_period_is_not_told_is_on():
    keys = keys_of(states.busy(), STACK)
    row = replace(keys.rows[0], key=replace(keys.rows[0].key, rotation=ObservedRotation(True)))
    assert " on " in as_text.render(replace(keys, rows=(row,)), Style())


def test_keys_of_aws_are_never_shown():
    shown = keys_of(states.busy(), STACK, everyones=True)
    assert key_id(22) not in {row.key.key_id for row in shown.rows}


@pytest.mark.parametrize(
    "keys",
    [lambda: keys_of(states.busy(), STACK, everyones=True), lambda: keys_of(ObservedState({}), STACK), hostile.keys],
    ids=["busy", "empty", "hostile"],
)
def test_every_list_is_valid_by_the_schema(keys):
    check("keys", as_json.render(keys()))


def test_a_multi_region_key_says_whether_it_is_the_primary():
    wide = {"multi_region": True, "regions": Regions("us-east-1", ("eu-west-1",))}
    here = states.owned(1, "orders", **wide)
    there = replace(here, arn=here.arn.replace("us-east-1", "eu-west-1"))
    for key, role in ((here, "primary"), (there, "replica")):
        keys = keys_of(states.state(key), STACK)
        assert f"SYMMETRIC_DEFAULT ({role})" in as_text.render(keys, Style())
        (row,) = json.loads(as_json.render(keys))["keys"]
        assert (row["primaryRegion"], row["replicaRegions"]) == ("us-east-1", ["eu-west-1"])
