"""What a rehearsal says, in every format."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.apply.rehearsal import Calls, Rehearsal
from reconciler.kit.errors import KmsError
from reconciler.report.json import plan as as_json
from reconciler.report.markdown import plan as plan_markdown
from reconciler.report.markdown import rehearsal as as_markdown
from reconciler.report.markdown.clip import COMMENT_LIMIT
from reconciler.report.markdown.rehearsal import ROOM
from reconciler.report.rehearsed import duration
from reconciler.report.style import Style
from reconciler.report.text import rehearsal as as_text
from tests.report import applied, hostile, samples
from tests.report.rehearsals import BADLY, GOES_ON, LEFT, QUICK, UNREADABLE, WELL, hostile_one
from tests.report.schemas import check

EVERY = {
    "well": WELL,
    "quick": QUICK,
    "badly": BADLY,
    "unreadable": UNREADABLE,
    "goes on": GOES_ON,
    "left out": LEFT,
    "nothing": Rehearsal(),
}


@pytest.mark.parametrize("rehearsal", EVERY.values(), ids=EVERY)
def test_a_rehearsal_reads_well_as_text(rehearsal, snapshot):
    assert as_text.render(rehearsal, Style()) == snapshot


@pytest.mark.parametrize("rehearsal", EVERY.values(), ids=EVERY)
def test_a_rehearsal_reads_well_in_a_comment(rehearsal, snapshot):
    assert as_markdown.section(rehearsal) == snapshot


@pytest.mark.parametrize("rehearsal", [*EVERY.values(), hostile_one()], ids=[*EVERY, "hostile"])
def test_a_rehearsal_is_valid_by_the_schema_of_a_plan(rehearsal):
    told = check("plan", as_json.render(samples.everything(), rehearsal))["rehearsal"]
    assert told["ok"] is rehearsal.ok
    assert len(told["failures"]) == len(rehearsal.outcome.failed)


def test_a_rehearsal_for_machines_has_a_stable_form(snapshot):
    assert check("plan", as_json.render(samples.quiet(), BADLY))["rehearsal"] == snapshot


def test_a_plan_that_was_not_rehearsed_does_not_speak_of_it():
    assert "rehearsal" not in check("plan", as_json.render(samples.small()))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "under a second"),
        (0.99, "under a second"),
        (1.0, "about 1 s"),
        (59.0, "about 59 s"),
        (59.2, "about 1 min 0 s"),
        (200.0, "about 3 min 20 s"),
        (3_600.0, "about 1 h 0 min"),
        (7_500.0, "about 2 h 5 min"),
    ],
)
def test_a_duration_is_told_as_people_do(seconds, told):
    assert duration(seconds) == told


def failed(code):
    """A rehearsal that failed in one step."""
    step = applied.UPDATED.steps[0]
    result = StepResult(applied.UPDATED, step, Status.FAILED, KmsError(code, "no", operation="Some"))
    return Rehearsal(Outcome((result,)), 0.0, (Calls("Some", 1, 0.0),), remaining=None)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("KMSInvalidStateException", "change the manifest, or put the key right by hand"),
        ("NotFoundException", "change the manifest, or put the key right by hand"),
        ("OddException", "change the manifest, or put the key right by hand"),
        ("LimitExceededException", "ask AWS for a higher quota"),
        ("AccessDeniedException", "kmsctl permissions"),
    ],
)
def test_nobody_is_told_to_plan_again_what_nobody_has_changed(code, advice):
    text = as_text.render(failed(code), Style(width=1_000))
    assert advice in text
    assert "plan again" not in text


def test_a_hundred_failures_are_counted():
    results = BADLY.outcome.failed * 40
    many = replace(BADLY, outcome=Outcome(results), differences=tuple("abcdefghijklmnopqrstuvwxyz"))
    text, markdown = as_text.render(many, Style()), as_markdown.section(many)
    assert f"… and {len(results) - 20} failures more" in text
    assert "notes more" in text
    assert "failures more did not fit" in markdown
    assert len(markdown) < ROOM


def test_a_comment_has_room_for_failures_of_any_length():
    markdown = as_markdown.section(replace(hostile_one(), differences=(hostile.HOSTILE * 100,) * 100))
    assert "notes more did not fit" in markdown
    assert len(markdown) < ROOM


def test_a_comment_keeps_its_length_with_a_rehearsal_in_it():
    plan = samples.everything()
    whole = plan_markdown.render(replace(plan, changes=plan.changes * 200), rehearsal=BADLY)
    assert "#### Rehearsal on a copy" in whole
    assert len(whole) <= COMMENT_LIMIT
