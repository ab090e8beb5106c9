"""The page of conditions says what the code says: reasons, events, states and waits."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

import pytest

from reconciler.controller.health import reasons
from reconciler.controller.health.conditions import TYPES
from reconciler.controller.health.failures import DELAYS
from reconciler.controller.health.reasons import EventReason, Reason
from tests.controller.health.samples import BEFORE, READY_FOR_THIS, ROWS, object_in, verdicts
from tests.docs.pages import DOCS, named, tables

PAGE = DOCS / "operator" / "conditions.md"


def docstrings(name: str) -> dict[str, str]:
    """What stands under each member of an enum of the module `reasons`."""
    tree = ast.parse(Path(reasons.__file__).read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    pairs = pairwise(body)
    return {first.value.value: second.value.value for first, second in pairs if isinstance(first, ast.Assign)}


def plain(text: str) -> str:
    return " ".join(text.split()).removesuffix(".").lower()


@pytest.mark.parametrize(("head", "enum"), [("reason", Reason), ("event", EventReason)], ids=["reasons", "events"])
def test_every_reason_has_a_row_that_says_what_its_docstring_says(head, enum):
    told = {name: plain(row[1]) for name, row in named(PAGE, head).items() if name in set(enum)}
    assert told == {name: plain(text) for name, text in docstrings(enum.__name__).items()}
    assert told.keys() == {str(member) for member in enum}


def test_every_reason_says_what_to_do():
    rows = [row for table in tables(PAGE) if table[0][0] == "reason" for row in table[1:]]
    assert len(rows) == len(Reason)
    assert all(row[2] for row in rows)


def test_every_condition_is_explained_in_the_order_in_which_it_is_written():
    assert tuple(named(PAGE, "condition")) == TYPES


def test_every_class_of_failure_has_its_waits():
    told = {name: row[1:3] for name, row in named(PAGE, "class").items()}
    assert told == {
        str(kind): (f"{backoff.first:g} s", f"{backoff.longest:g} s") if backoff else ("never", "never")
        for kind, backoff in DELAYS.items()
    }


STATES = {
    name.strip(): row
    for table in tables(PAGE)
    if table[0][0] == "state"
    for row in table[1:]
    for name in row[0].partition(":")[0].split(",")
}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", ROWS)
def test_every_state_has_a_row_that_is_so(name, before):
    row = ROWS[name]
    told = STATES[type(row.state).__name__]
    was = {condition["type"]: condition["status"] for condition in BEFORE[before]}
    for condition, says in zip(object_in(row, before)["status"]["conditions"], told[1:6], strict=True):
        match says:
            case "as before":
                assert condition["status"] == was.get(condition["type"], "Unknown")
            case "True if it was for this generation":
                assert condition["status"] == ("True" if before in READY_FOR_THIS else "False")
            case _:
                assert condition["status"] == says
    kstatus, argo = verdicts(row, before)
    assert kstatus in told[6]
    assert told[7].startswith(argo)


def test_there_is_no_row_of_a_state_that_does_not_exist():
    assert STATES.keys() == {type(row.state).__name__ for row in ROWS.values()}
