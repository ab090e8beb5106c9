"""The page of troubleshooting speaks of reasons that there are, and of none that is explained nowhere."""

from __future__ import annotations

import re

import pytest

from reconciler.controller.health.reasons import EventReason, Reason
from tests.docs.pages import DOCS, tables

PAGE = DOCS / "operator" / "troubleshooting.md"
ROWS = [row for table in tables(PAGE) if table[0][0] == "what you see" for row in table[1:]]
NAMED = sorted({name for row in ROWS for name in re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)*)\b", row[0])} - {"Target"})
OF_KUBERNETES = {"Terminating"}


def test_there_is_something_to_look_up():
    assert len(ROWS) > 10
    assert len(NAMED) > 5


@pytest.mark.parametrize("name", NAMED)
def test_what_is_seen_is_a_reason_that_there_is(name):
    assert name in {*Reason, *EventReason, *OF_KUBERNETES}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_every_row_says_what_it_is_and_what_to_do(row):
    assert all(row)
    assert len(row) == 3
