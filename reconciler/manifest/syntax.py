"""What the YAML parser stumbles over, in words for people."""

from __future__ import annotations

from typing import Final

import yaml

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.printable import printable

_FIXES: Final = (
    ("mapping values are not allowed", "put quotes around a value that holds `: `, or correct the indentation"),
    ("did not find expected key", "correct the indentation: keys of one mapping start in the same column"),
    ("expected <block end>", "correct the indentation: keys of one mapping start in the same column"),
    ("could not find expected ':'", "add the missing `: ` after the key, or put quotes around a long value"),
    ("cannot start any token", "put quotes around the value"),
    ("unexpected end of stream", "close the quote or bracket that was opened"),
    ("expected ',' or", "close the bracket, or add the missing comma"),
    ("invalid Unicode character escape", "write the character itself, or its eight digits, as in `\\U0001f600`"),
    ("unknown escape", "write a backslash in double quotes as `\\\\`, or use single quotes"),
    ("undefined tag handle", "put quotes around a value that begins with `!`"),
)
"""By words that are in PyYAML's messages, libyaml's and its own."""


def syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> Diagnostic:
    """The diagnostic for `error`, raised by PyYAML while it read `text`."""
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    if line >= len(lines):
        line, column = len(lines) - 1, len(lines[-1])
    position = Position(file, line + 1, column + 1)
    tab = _tab_before(lines[line], column)
    if tab is not None:
        return Diagnostic(
            "tab-indentation",
            Position(file, line + 1, tab + 1),
            "a tab stands where YAML wants spaces",
            "YAML is indented with spaces only",
            "replace the tab with spaces",
        )
    problem = printable(error.problem or "it cannot be read")
    fix = next((fix for words, fix in _FIXES if words in problem), "correct the YAML at this place")
    return Diagnostic("invalid-yaml", position, f"this is not YAML: {problem}", _context(error), fix)


def _context(error: yaml.MarkedYAMLError) -> str:
    if not error.context:
        return ""
    mark = error.context_mark
    where = f" that begins at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
    return printable(error.context) + where


def _tab_before(line: str, column: int) -> int | None:
    """The column of a tab in the white space that the fault at `column` follows, or None."""
    head = line[: column + 1]
    tab = head.find("\t", len(head.rstrip()) if column < len(line) else 0)
    return tab if tab >= 0 else None
