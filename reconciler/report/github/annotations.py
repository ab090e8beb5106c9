"""Annotations of GitHub Actions, of whatever found something: each shows at its line in the pull request.

GitHub shows ten errors, ten warnings and ten notices of a step; the log has all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from reconciler.kit.diagnostics import Position
from reconciler.lint.check import Severity
from reconciler.report.github.escape import command
from reconciler.report.places import in_file

_COMMANDS = MappingProxyType({Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """One thing to show; its texts are escaped here, and a newline in `message` becomes one of the annotation."""

    severity: Severity
    title: str
    message: str
    position: Position | None = None


def annotated(found: Iterable[Annotation]) -> str:
    """A line for each, the worst first: what is over GitHub's limit is the least of them."""
    return "".join(map(_line, sorted(found, key=lambda one: list(Severity).index(one.severity))))


def _line(one: Annotation) -> str:
    position = in_file(one.position)
    place = {"file": position.file, "line": str(position.line), "col": str(position.column)} if position else {}
    return command(_COMMANDS[one.severity], one.message, place | {"title": one.title})
