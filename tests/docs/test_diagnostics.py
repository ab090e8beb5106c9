"""The page of diagnostics is complete, and nothing on it is invented."""

from __future__ import annotations

import ast
import re

import pytest

from reconciler.plan.changes import Reason
from tests.docs.pages import DOCS, ROOT, named
from tests.manifest.test_diagnostics import CASES, ELSEWHERE

PAGE = DOCS / "diagnostics.md"
PLAN = ROOT / "reconciler" / "plan"
SHOWN = {file.stem.partition("--")[0] for file in CASES.glob("*.yaml")} | ELSEWHERE.keys()
"""Names of diagnostics that a test shows; the tests of the manifests see to it that these are all."""


def calls(name: str):
    """Every call of `name` where risks are judged."""
    for file in sorted((PLAN / "risk").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def risks() -> dict[str, str]:
    """Every risk by name, with its level in lower case."""
    found = {}
    for call in calls("Risk"):
        level, name = call.args[:2]
        assert isinstance(level, ast.Attribute)
        if isinstance(name, ast.Constant):
            found[name.value] = level.attr.lower()
        elif isinstance(name, ast.JoinedStr):  # f"{verb}-key", and the verbs are what `_stops` is called with
            verbs = [stop.args[3].value for stop in calls("_stops")]
            found |= {f"{verb}{name.values[1].value}": level.attr.lower() for verb in verbs}
    return found | {call.args[2].value: "danger" for call in calls("_use") if isinstance(call.args[2], ast.Constant)}


def test_every_diagnostic_has_a_row_and_every_row_a_diagnostic():
    assert named(PAGE, "diagnostic").keys() == SHOWN


def test_every_risk_has_a_row_with_its_level():
    assert {name: row[1] for name, row in named(PAGE, "risk").items()} == risks()


@pytest.mark.parametrize("name", named(PAGE, "reason"))
def test_a_reason_of_a_blocked_change_is_one_of_the_planner(name):
    assert name in set(Reason)


def test_every_reason_of_a_blocked_change_has_a_row():
    blocked = set()
    for file in PLAN.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for reasons in re.findall(r"BLOCKED(?:[^()]*?)Reason\.([A-Z_]+)", text):
            blocked.add(Reason[reasons])
    assert {*blocked, Reason.PROTECTED} == set(named(PAGE, "reason"))
