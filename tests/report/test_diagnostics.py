"""Diagnostics, with the line that they are about."""

from __future__ import annotations

import pytest

from reconciler.kit.diagnostics import Diagnostic, Position, Severity
from reconciler.kit.errors import KmsctlError
from reconciler.report.json import diagnostics as as_json
from reconciler.report.style import Style
from reconciler.report.text.diagnostics import render, render_error
from tests.report import hostile
from tests.report.schemas import check

UNKNOWN = Diagnostic(
    "unknown-field",
    Position("keys.yaml", 3, 3),
    "unknown field keySpce",
    "the schema of Key has no such field, and a field that nobody reads would be a promise that nobody keeps",
    "write keySpec",
)
WARNING = Diagnostic("old-name", Position("-", 1, 1), "an old name", severity=Severity.WARNING)
SOURCE = "kind: Key\nspec:\n  keySpce: RSA_2048\n"


def caret(line: str, column: int, *, number: int = 1, width: int = 100) -> tuple[str, str]:
    """The quoted line and what stands under it."""
    diagnostic = Diagnostic("x", Position("f", number, column), "x")
    lines = render([diagnostic], Style(width=width), sources={"f": line}).splitlines()
    return lines[1].partition(" | ")[2], lines[2].partition("| ")[2]


def test_a_diagnostic_shows_place_fault_line_reason_and_remedy(snapshot):
    assert render([UNKNOWN, WARNING], Style(width=80), sources={"keys.yaml": SOURCE}) == snapshot


def test_diagnostics_can_be_coloured(snapshot):
    assert render([UNKNOWN, WARNING], Style(colour=True), sources={"keys.yaml": SOURCE}) == snapshot


def test_without_diagnostics_there_is_no_text():
    assert render([], Style()) == ""


def test_the_first_line_is_in_the_form_that_editors_know():
    assert render([UNKNOWN], Style()).startswith("keys.yaml:3:3: error: unknown field keySpce [unknown-field]\n")


def test_without_the_text_of_the_file_no_line_is_quoted():
    assert "|" not in render([UNKNOWN], Style())


def test_a_line_beyond_the_end_of_the_file_is_not_quoted():
    assert "|" not in render([UNKNOWN], Style(), sources={"keys.yaml": "kind: Key"})


@pytest.mark.parametrize(
    ("line", "column", "under"),
    [
        pytest.param("abc: d", 4, "   ^", id="ascii"),
        pytest.param("\tabc: d", 2, " ^", id="a tab is one column"),
        pytest.param("漢字: d", 3, "    ^", id="wide characters"),
        pytest.param("e\u0301: d", 3, " ^", id="combining marks"),
        pytest.param("\x1b: d", 2, "    ^", id="escaped characters"),
        pytest.param("abc", 9, "   ^", id="beyond the end"),
    ],
)
def test_the_caret_stands_under_the_fault(line, column, under):
    assert caret(line, column)[1] == under


def test_of_a_very_long_line_the_part_around_the_fault_is_shown():
    quoted, under = caret("x" * 5_000 + "!" + "y" * 5_000_000, 5_001)
    assert len(quoted) == 88
    assert quoted[under.index("^")] == "!"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\x85", "\u2028"], ids=["LF", "CRLF", "CR", "NEL", "LS"])
def test_lines_end_where_yaml_says_that_they_do(newline):
    assert caret(f"a{newline}b: c", 1, number=2)[0] == "b: c"


def test_an_error_without_a_place_says_what_why_and_what_to_do():
    error = KmsctlError("cannot connect", why="nobody listens", fix="start it")
    assert render_error(error, Style()) == "error: cannot connect\n  why: nobody listens\n  fix: start it\n"
    assert render_error(KmsctlError("no"), Style()) == "error: no\n"


def test_long_reasons_wrap_under_themselves():
    lines = render([UNKNOWN], Style(width=50)).splitlines()
    assert lines[1].startswith("  why: the")
    assert lines[2].startswith("       ")


def test_diagnostics_are_valid_by_the_schema():
    report = check("diagnostics", as_json.render([UNKNOWN, WARNING, hostile.DIAGNOSTIC]))
    assert (report["errors"], report["warnings"]) == (2, 1)


def test_an_error_without_a_place_is_valid_by_the_schema():
    report = check("diagnostics", as_json.render_error(hostile.ERROR))
    assert report["diagnostics"][0]["position"] is None
