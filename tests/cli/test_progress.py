"""What people read while changes are made."""

from __future__ import annotations

import io
from argparse import Namespace

import pytest

from reconciler.apply.events import StepPaused, StepStarted, Stopping
from reconciler.cli.context import Context
from reconciler.cli.progress import progress
from tests.cli.conftest import Screen
from tests.report import samples

PLAN = samples.everything()
CHANGE = samples.created()
STEP = CHANGE.steps[0]


def told(*events, stderr):
    args = Namespace(output="text", no_color=True)
    with progress(PLAN, args, Context({"TERM": "xterm"}, io.BytesIO(), io.StringIO(), stderr)) as listen:
        for event in events:
            listen(event)
    return stderr.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO, Screen], ids=["lines", "bar"])
@pytest.mark.parametrize(("seconds", "shown"), [(0.3, False), (4.9, False), (5.0, True), (30.0, True)])
def test_only_a_pause_that_people_wonder_about_is_told(stream, seconds, shown):
    text = told(StepPaused(CHANGE, STEP, seconds, "the key is not settled yet"), stderr=stream())
    assert ("not settled yet" in " ".join(text.split())) is shown


@pytest.mark.parametrize("stream", [io.StringIO, Screen], ids=["lines", "bar"])
def test_what_the_signal_has_said_is_not_said_again(stream):
    assert "Stopping" not in told(Stopping(3), stderr=stream())


def test_lines_are_of_what_is_done_and_not_of_what_begins():
    assert told(StepStarted(CHANGE, STEP), stderr=io.StringIO()) == ""
