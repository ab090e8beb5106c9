"""PolicySafe: what it says, what is kept, and that it is apart from all else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.controller.health.conditions import TYPES
from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.safety import POLICY_SAFE, safety_of
from tests.controller.health.samples import BEFORE, NOW, ROWS, object_in
from tests.report.hostile import HOSTILE
from tests.report.linted import finding

LATER = NOW + timedelta(hours=1)
OPEN = finding("KC201")
SAFE = safety_of((), [], 3, NOW)
UNSAFE = safety_of((OPEN,), [], 3, NOW)


@pytest.mark.parametrize(
    ("errors", "status", "reason"),
    [
        pytest.param((), "True", Reason.NO_LINT_ERRORS, id="no error"),
        pytest.param((OPEN,), "False", Reason.LINT_ERRORS, id="an error"),
        pytest.param(None, "Unknown", Reason.NOT_EXAMINED, id="not looked at"),
    ],
)
def test_it_says_what_lint_has_against_the_object(errors, status, reason):
    told = safety_of(errors, BEFORE["ready"], 3, NOW)
    assert (told["type"], told["status"], told["reason"], told["observedGeneration"]) == (
        POLICY_SAFE,
        status,
        str(reason),
        3,
    )


def test_the_message_is_the_first_error_and_how_many_there_are():
    assert UNSAFE["message"] == "KC201: the statement Open lets in everybody; do KC201"
    told = safety_of((OPEN, finding("KC510"), finding("KC402")), [], 3, NOW)
    assert told["message"].startswith("3 errors, first: KC201: ")


def test_what_strangers_wrote_is_printable_and_short():
    told = safety_of((finding("KC201", what=HOSTILE * 20),), [], 3, NOW)["message"]
    assert told.isprintable()
    assert len(told) <= 512


def test_what_was_found_in_this_generation_stays_while_it_cannot_be_looked_at():
    assert safety_of(None, [{**UNSAFE, "severity": "High"}], 3, LATER) == UNSAFE
    assert safety_of(None, [UNSAFE], 4, LATER)["status"] == "Unknown"


@pytest.mark.parametrize("errors", [(), (OPEN,), None], ids=["safe", "unsafe", "unknown"])
def test_its_time_changes_only_where_its_status_does(errors):
    first = safety_of(errors, [], 3, NOW)
    assert safety_of(errors, [first], 3, LATER) == first
    flipped = safety_of(() if errors else (OPEN,), [first], 3, LATER)
    assert flipped["lastTransitionTime"] == "2026-11-22T13:00:00Z"


@pytest.mark.parametrize("before", [SAFE, UNSAFE], ids=["safe", "unsafe"])
@pytest.mark.parametrize("name", ROWS)
def test_no_other_condition_hears_of_it(name, before):
    with_it = object_in(ROWS[name], "ready")["status"]["conditions"]
    assert tuple(condition["type"] for condition in with_it) == TYPES
    assert before["type"] not in TYPES
