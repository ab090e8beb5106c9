"""Conditions: the table of states, what is kept, and when a time changes."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.controller.health.conditions import TYPES, conditions_of
from reconciler.controller.health.states import InSync, Invalid, Paused, Stuck, Working
from tests.controller.health.kstatus import kstatus
from tests.controller.health.samples import BEFORE, NOW, READY_FOR_THIS, ROWS, new_object, object_in, verdicts

LATER = NOW + timedelta(hours=1)
EVERY = [(row, before) for row in ROWS for before in BEFORE]
IDS = [f"{row}, {before} before" for row, before in EVERY]


@pytest.mark.parametrize(("name", "before"), EVERY, ids=IDS)
def test_each_state_says_what_its_row_says(name, before):
    row, previous = ROWS[name], {condition["type"]: condition for condition in BEFORE[before]}
    conditions = conditions_of(row.state, BEFORE[before], 3, LATER)
    assert [condition["type"] for condition in conditions] == list(TYPES)
    for condition, says in zip(conditions, row.conditions.split(), strict=True):
        was = previous.get(condition["type"])
        match says:
            case "=":
                assert condition == was if was else condition["status"] == "Unknown"
            case "+":
                assert condition == was if before in READY_FOR_THIS else condition["status"] == "False"
            case _:
                assert condition["status"] == says


@pytest.mark.parametrize(("name", "before"), EVERY, ids=IDS)
def test_kstatus_understands_each_state(name, before):
    assert kstatus(object_in(ROWS[name], before)) == verdicts(ROWS[name], before)[0]


@pytest.mark.parametrize("name", ROWS)
def test_a_change_that_was_not_seen_yet_is_in_progress_whatever_the_conditions_say(name):
    row = ROWS[name]
    assert kstatus(object_in(row, "ready", observed=2)) == ("Terminating" if row.going else "InProgress")


def test_a_new_object_is_in_progress_before_any_operator_has_seen_it():
    assert kstatus(new_object()) == "InProgress"


@pytest.mark.parametrize(("name", "before"), EVERY, ids=IDS)
def test_a_time_changes_only_where_the_status_does(name, before):
    first = conditions_of(ROWS[name].state, BEFORE[before], 3, NOW)
    second = conditions_of(ROWS[name].state, first, 4, LATER)
    for was, now in zip(first, second, strict=True):
        changed = now["lastTransitionTime"] != was["lastTransitionTime"]
        assert changed == (now["status"] != was["status"])
    assert conditions_of(ROWS[name].state, first, 3, LATER) == first


def test_a_condition_that_flips_gets_the_time_of_now():
    stuck = conditions_of(ROWS["stuck"].state, BEFORE["ready"], 3, LATER)
    assert [condition["lastTransitionTime"] for condition in stuck] == [
        "2026-11-22T13:00:00Z",
        "2026-11-22T13:00:00Z",
        "2026-11-22T12:00:00Z",
        "2026-11-22T12:00:00Z",
        "2026-11-22T13:00:00Z",
    ]


def test_times_are_whole_seconds_of_utc_wherever_the_clock_is():
    there = NOW.replace(microsecond=999_999).astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert conditions_of(InSync(), [], 1, there)[0]["lastTransitionTime"] == "2026-11-22T12:00:00Z"


def test_what_is_said_of_now_carries_one_reason_and_the_generation_and_what_is_kept_carries_its_own():
    conditions = conditions_of(ROWS["stuck"].state, BEFORE["ready for an older generation"], 3, LATER)
    told = [(condition["reason"], condition["observedGeneration"]) for condition in conditions]
    assert told == [("AccessDenied", 3), ("AccessDenied", 3), ("InSync", 2), ("AccessDenied", 3), ("AccessDenied", 3)]


def test_the_message_stands_where_people_look_and_where_something_is_true():
    messages = {c["type"]: c["message"] for c in conditions_of(ROWS["stuck"].state, [], 1, NOW)}
    told = "AccessDenied: it did not work"
    assert messages == {"Ready": told, "Synced": told, "Drifted": "", "Reconciling": "", "Stalled": told}


def test_conditions_of_others_are_dropped_and_fields_of_others_in_a_kept_one_too():
    previous = [{"type": "Curious", "status": "True"}, {**BEFORE["ready"][2], "severity": "High"}]
    conditions = conditions_of(Working("x"), previous, 3, LATER)
    assert [condition["type"] for condition in conditions] == list(TYPES)
    assert conditions[2] == BEFORE["ready"][2]


def test_a_previous_condition_without_a_time_gets_one():
    previous = [{"type": "Ready", "status": "True"}]
    assert conditions_of(InSync(), previous, 1, NOW)[0]["lastTransitionTime"] == "2026-11-22T12:00:00Z"


def test_a_change_that_a_pause_holds_up_is_not_ready():
    held = conditions_of(Paused(), BEFORE["ready for an older generation"], 3, LATER)
    assert (held[0]["status"], held[0]["reason"]) == ("False", "Paused")


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(ROWS)), max_size=6), st.sampled_from(sorted(ROWS)))
def test_after_any_history_no_object_is_both_reconciling_and_stalled_nor_ready_and_stalled(history, last):
    conditions = []
    for generation, name in enumerate([*history, last]):
        conditions = conditions_of(ROWS[name].state, conditions, generation // 2, NOW)
    status = {condition["type"]: condition["status"] for condition in conditions}
    assert not (status["Reconciling"] == "True" == status["Stalled"])
    assert not (status["Ready"] == "True" == status["Stalled"])
    assert all(condition["reason"] and len(condition["message"]) <= 512 for condition in conditions)


def test_the_states_that_must_be_looked_at_are_in_the_table():
    assert {type(row.state) for row in ROWS.values()} >= {InSync, Invalid, Paused, Stuck, Working}
    assert len({type(row.state) for row in ROWS.values()}) == 17
