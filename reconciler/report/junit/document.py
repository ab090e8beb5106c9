"""JUnit XML, which GitLab, Jenkins and Azure Pipelines show as tests.

GitLab takes tests of one name for one, and shows in a merge request which of them fail that did not before.
Source: https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from reconciler.kit.diagnostics import Position
from reconciler.kit.printable import printable

_LIMIT: Final = 2_000


def document(suite: str, cases: Iterable[TestCase]) -> str:
    """The whole document, of one suite."""
    tests = TestSuite(suite)
    tests.add_testcases(list(cases))
    whole = JUnitXml()
    whole.add_testsuite(tests)
    text: bytes = whole.tostring()  # type: ignore[no-untyped-call]
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text.decode("utf-8")}\n'


def passed(suite: str, name: str, position: Position | None = None) -> TestCase:
    """A test of nothing that is wrong so far; no two of a suite have the same name."""
    case = TestCase(shown(name), suite)
    if position is not None:
        case._elem.set("file", shown(position.file))  # noqa: SLF001  GitLab links it; the library knows no such field
    return case


def failure(message: str, kind: str, lines: Iterable[str]) -> Failure:
    """Why a test fails: in one line, and in all."""
    told = Failure(shown(message), kind)
    told.text = text(lines)
    return told


def error(message: str, lines: Iterable[str]) -> Error:
    """Why a test could not be made at all."""
    told = Error(shown(message), "error")
    told.text = text(lines)
    return told


def skipped(why: str) -> Skipped:
    """Why nobody needs to look at a test."""
    return Skipped(shown(why))


def text(lines: Iterable[str]) -> str:
    """`lines`, each on a line of its own."""
    return "\n".join(map(shown, lines))


def shown(text: str) -> str:
    """What XML 1.0 cannot say, control characters, is what `printable` escapes."""
    return printable(text, limit=_LIMIT)
