"""A plan in a file: what was reviewed is what is applied, or nothing is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reconciler.kit.canonical import digest
from reconciler.kit.errors import EXIT_REFUSED, Refused
from reconciler.model.desired import ManualRotation
from reconciler.model.identifiers import Days
from reconciler.model.keyspec import KeyState
from reconciler.model.ownership import GRANTS_TAG
from reconciler.model.scope import scope_of
from reconciler.model.target import Target
from reconciler.model.usage import NeverUsed, UsedAt
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.saved.codec import encode
from reconciler.plan.saved.planfile import SavedPlan, dump, load, stale
from tests.plan.build import (
    DB,
    PRUNE,
    declares,
    has,
    has_grant,
    pending,
    there,
    wants,
    wants_alias,
    wants_grant,
)
from tests.support.pools import POLICIES, READ_AT
from tests.support.strategies import worlds


def saved(desired, observed, options=None):
    return SavedPlan(plan(desired, observed, options), {"": Target()}, scope_of(desired))


SAVED = saved(declares(wants(policy=POLICIES[1]), wants_alias("db", DB), wants_grant()), there())
TEXT = dump(SAVED)


def resigned(**changes):
    """The text of a plan file whose content was changed and whose digest fits."""
    content = {**json.loads(TEXT), **changes}
    del content["digest"]
    return json.dumps({**content, "digest": digest(content)}, indent=1, sort_keys=True) + "\n"


def refusal(text):
    with pytest.raises(Refused) as caught:
        load(text)
    assert caught.value.exit_code == EXIT_REFUSED
    assert caught.value.fix
    return caught.value


def test_a_plan_comes_back_as_it_was_saved():
    assert load(TEXT) == SAVED
    assert dump(load(TEXT)) == TEXT


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds())
def test_any_plan_comes_back_to_the_byte(world: Any) -> None:
    text = dump(SavedPlan(plan(*world), {"": Target()}, scope_of(world[0])))
    assert dump(load(text)) == text


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.one_of(st.just(""), st.sampled_from(' \n"0e}{,'), st.characters()))
def test_any_edit_of_one_character_is_refused(place: int, character: str) -> None:
    edited = TEXT[:place] + character + TEXT[place + 1 :]
    assume(edited != TEXT)
    refusal(edited)


@pytest.mark.parametrize("length", [0, 1, 2, len(TEXT) // 2, len(TEXT) - 2, len(TEXT) - 1])
def test_a_truncated_file_is_refused(length):
    refusal(TEXT[:length])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '"kmsctl-plan"',
        "{}",
        '{"kind": "other"}',
        "[" * 100_000,
        "1" * 10_000,
        "\x00",
        '{"kind": NaN}',
    ],
    ids=["empty", "list", "null", "string", "object", "another kind", "very deep", "a huge number", "NUL", "no number"],
)
def test_what_is_no_plan_file_is_refused(text):
    assert "no plan file" in refusal(text).what


def test_a_file_of_another_version_is_refused_and_says_so():
    assert "version 2" in refusal(resigned(formatVersion=2)).what


@pytest.mark.parametrize(
    "changes",
    [
        {"plan": None},
        {"plan": {"$type": "Nothing"}},
        {"plan": encode(DB)},
        {"targets": {"": encode(DB)}},
        {"targets": []},
        {"scopes": {"": {"$type": "Scope"}}},
    ],
    ids=["no plan", "unknown class", "another class", "another target", "no targets", "half a scope"],
)
def test_a_file_that_is_signed_and_makes_no_sense_is_refused(changes):
    assert "no plan file" in refusal(resigned(**changes)).what


def test_a_file_with_a_part_missing_is_refused():
    content = {key: value for key, value in json.loads(TEXT).items() if key not in ("digest", "scopes")}
    refusal(json.dumps({**content, "digest": digest(content)}, indent=1, sort_keys=True) + "\n")


def test_a_plan_is_fresh_while_everything_looks_as_it_did():
    desired = declares(wants(description="new"), wants_alias("db", DB), wants_grant())
    observed = there(has(tags={GRANTS_TAG: "1"}, grants=[]), aliases={"db": "k-0"})
    assert stale(saved(desired, observed), observed) == ()


@pytest.mark.parametrize(
    ("desired", "before", "after", "changed"),
    [
        pytest.param(declares(wants()), there(), there(has()), ["Key/db"], id="a key that was missing is there"),
        pytest.param(
            declares(wants(description="new")), there(has()), there(), ["Key/db k-1"], id="a key that was there is gone"
        ),
        pytest.param(
            declares(wants(description="new")),
            there(has()),
            there(has(description="theirs")),
            ["Key/db k-1"],
            id="a field",
        ),
        pytest.param(declares(wants(description="new")), there(has()), there(pending()), ["Key/db k-1"], id="a state"),
        pytest.param(
            declares(wants(rotation=ManualRotation(Days(90)))),
            there(has(age=100)),
            there(has(age=100), has("k-2", generation=2)),
            ["Key/db k-1"],
            id="a successor came",
        ),
        pytest.param(
            declares(wants(), wants_alias("db", DB)),
            there(has()),
            there(has(), aliases={"db": "k-9"}),
            ["Alias/db"],
            id="an alias came",
        ),
        pytest.param(
            declares(wants(), wants_alias("db", DB)),
            there(has()),
            there(has(state=KeyState.DISABLED)),
            ["Alias/db"],
            id="the key of an alias was disabled",
        ),
        pytest.param(
            declares(wants(), wants_grant()),
            there(has(tags={GRANTS_TAG: "1"})),
            there(has(tags={GRANTS_TAG: "1"}, grants=[has_grant()])),
            ["Grant/reader"],
            id="a grant came",
        ),
    ],
)
def test_a_plan_is_stale_when_what_it_touches_has_changed(desired, before, after, changed):
    assert stale(saved(desired, before), after) == tuple(changed)


def test_what_a_plan_does_not_touch_may_change():
    desired = declares(wants(description="new"), wants("app"))
    before = there(has(), has("k-2", "app"))
    after = there(has(), has("k-2", "app", description="theirs"), has("k-3", None))
    assert stale(saved(desired, before), after) == ()


@pytest.mark.parametrize(
    ("before", "after", "is_stale"),
    [
        pytest.param(NeverUsed(), UsedAt(READ_AT), True, id="used since"),
        pytest.param(UsedAt(READ_AT - timedelta(days=200)), UsedAt(READ_AT), True, id="used again"),
        pytest.param(UsedAt(READ_AT - timedelta(days=1)), UsedAt(READ_AT), False, id="in use all the time"),
    ],
)
def test_a_plan_is_stale_when_a_key_that_it_stops_has_come_into_use(before, after, is_stale):
    desired = declares(wants(enabled=False))
    assert bool(stale(saved(desired, there(has(last_use=before))), there(has(last_use=after)))) is is_stale


def test_in_use_means_what_it_meant_when_the_plan_was_made():
    options = PlanOptions(in_use_within=timedelta(days=1))
    desired = declares(wants(enabled=False))
    observed = there(has(last_use=UsedAt(READ_AT - timedelta(days=2))))
    made = saved(desired, observed, options)
    assert stale(made, observed, options) == ()
    assert stale(made, observed) == ("Key/db k-1",)


def test_a_plan_that_deletes_an_alias_is_stale_when_its_key_has_come_into_use():
    before = there(has(last_use=NeverUsed()), aliases={"x": "k-1"})
    after = there(has(last_use=UsedAt(READ_AT)), aliases={"x": "k-1"})
    assert stale(saved(declares(wants()), before, PRUNE), after) == ("Alias/x",)


def test_fingerprints_are_of_what_is_changed_alone():
    made = plan(declares(wants(), wants("app")), there(has("k-2", "app")))
    assert list(made.fingerprints) == ["Key/db"]


def test_the_digest_of_what_is_declared_depends_on_all_that_is_and_not_on_where_it_is_written():
    base = declares(wants(tags={"a": "1", "b": "2"}))
    key = base.keys[0]
    same = [
        replace(base, keys=(replace(key, tags={"b": "2", "a": "1"}),)),
        replace(base, keys=(replace(key, position=replace(key.position, line=99)),)),
    ]
    other = [
        replace(base, stack="other"),
        replace(base, keys=()),
        replace(base, keys=(replace(key, tags={"a": "1"}),)),
        replace(base, keys=(replace(key, rotation=ManualRotation(Days(90))),)),
    ]
    expected = plan(base, there()).desired_digest
    assert {plan(desired, there()).desired_digest for desired in same} == {expected}
    assert expected not in {plan(desired, there()).desired_digest for desired in other}
