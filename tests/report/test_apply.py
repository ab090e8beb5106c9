"""What became of an apply, in every format."""

from __future__ import annotations

import pytest

from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import KeyId
from reconciler.report.json import apply as as_json
from reconciler.report.json import plan as json_plan
from reconciler.report.style import Style
from reconciler.report.text import apply as as_text
from tests.report import applied, hostile, samples
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


def test_the_plan_comes_first_as_a_record_of_its_own():
    line = as_json.plan_line(samples.everything(), NOW)
    assert line.count("\n") == 1
    assert check("apply", line)["plan"] == check("plan", json_plan.render(samples.everything()))


def refused(count: int, error: Exception) -> tuple[StepResult, ...]:
    change = applied.CREATED
    return tuple(StepResult(change, change.steps[0], Status.FAILED, error) for _ in range(count))


def test_failures_of_one_cause_are_told_with_the_cause_once():
    denied = KmsError("AccessDeniedException", "not you", operation="CreateKey")
    text = as_text.render(Outcome((*refused(3, denied), *refused(1, KmsctlError("the disk is full")))), Style())
    assert text.count("failed Key/") == 4
    assert text.count("not you") == 1
    assert text.count("the disk is full") == 1


def test_what_does_not_fit_a_screen_is_counted():
    change = applied.CREATED
    waiting = tuple(StepResult(change, change.steps[0], Status.NOT_STARTED) for _ in range(7_000))
    made = {Address(Kind.KEY, f"k{number:04}"): KeyId(str(number)) for number in range(1_000)}
    outcome = Outcome((*refused(30, KmsctlError("no")), *waiting), made, interrupted=True)
    text = as_text.render(outcome, Style())
    assert "… and 10 more\n" in text
    assert "… and 6,980 more\n" in text
    assert "… and 980 more; `kmsctl show` lists them\n" in text
    assert "30 failed, 7000 not started" in text
    assert len(text.splitlines()) < 80
