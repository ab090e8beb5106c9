"""What became of an apply, in every format."""

from __future__ import annotations

import pytest

from reconciler.apply.outcome import Outcome
from reconciler.report.json import apply as as_json
from reconciler.report.style import Style
from reconciler.report.text import apply as as_text
from tests.report import applied, hostile
from tests.report.basics import NOW
from tests.report.schemas import check


def test_events_read_well_as_text(snapshot):
    assert "".join(as_text.event_line(event, Style()) for event in applied.EVENTS) == snapshot


def test_an_apply_that_broke_says_what_to_do(snapshot):
    assert as_text.render(applied.broken(), Style()) == snapshot


def test_an_apply_that_went_well_is_short(snapshot):
    assert as_text.render(applied.whole(), Style(colour=True)) == snapshot


def test_an_apply_of_nothing_is_one_line():
    assert as_text.render(Outcome(), Style()) == "Apply: 0 steps done.\n"


def test_of_a_fault_of_our_own_no_message_is_shown():
    for text in (as_text.render(applied.broken(), Style()), as_json.render(applied.broken(), NOW)):
        assert "ValueError" in text
        assert "hunter2" not in text


def test_records_have_a_stable_form(snapshot):
    records = [as_json.event_line(event, NOW) for event in applied.EVENTS]
    assert "".join([*records, as_json.render(applied.broken(), NOW)]) == snapshot


@pytest.mark.parametrize("event", [*applied.EVENTS, *hostile.EVENTS], ids=lambda event: type(event).__name__)
def test_every_event_is_one_line_and_valid_by_the_schema(event):
    line = as_json.event_line(event, NOW)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    check("apply", line)


@pytest.mark.parametrize("outcome", [applied.broken, applied.whole, Outcome, hostile.outcome])
def test_every_outcome_is_one_line_and_valid_by_the_schema(outcome):
    line = as_json.render(outcome(), NOW)
    assert line.count("\n") == 1
    assert check("apply", line)["ok"] is outcome().ok
