"""What is wrong with the input as JUnit XML: a test a file, which fails where an error is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from junitparser import TestCase

from reconciler.kit.diagnostics import Diagnostic, Position, Severity
from reconciler.kit.errors import KmsctlError
from reconciler.report.junit.document import document, error, failure, passed, text

SUITE = "kmsctl validate"


def render(diagnostics: Iterable[Diagnostic], *, checked: Iterable[str] = ()) -> str:
    """The whole document; `checked` are files that were looked at, whether anything is wrong with them or not."""
    files: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for file in checked:
        files[file] = []
    for one in diagnostics:
        files[one.position.file].append(one)
    return document(SUITE, [_case(file, found) for file, found in sorted(files.items())])


def render_error(problem: KmsctlError) -> str:
    """An error that has no place in a file."""
    case = passed(SUITE, SUITE)
    case.result = [error(problem.what, [line for line in (problem.why, problem.fix) if line])]
    return document(SUITE, [case])


def _case(file: str, found: Sequence[Diagnostic]) -> TestCase:
    case = passed(SUITE, file, Position(file))
    errors = [one for one in found if one.severity is Severity.ERROR]
    lines = [line for one in found for line in _lines(one)]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        case.result = [failure(errors[0].what + more, errors[0].name, lines)]
    elif lines:
        case.system_out = text(lines)
    return case


def _lines(one: Diagnostic) -> list[str]:
    told = [("why", one.why), ("fix", one.fix)]
    return [
        f"{one.position}: {one.severity}: {one.what} [{one.name}]",
        *(f"{label}: {text}" for label, text in told if text),
    ]
