"""What is wrong, where, why, and what to do about it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file, as editors count: lines and columns from 1.

    `file` is the path as the user gave it, `-` for standard input.
    """

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about the user's input."""

    name: str
    """A stable kebab-case name that tests and users can rely on, e.g. `duplicate-yaml-key`."""
    position: Position
    what: str
    """The fault, in one sentence without a full stop."""
    why: str = ""
    """What makes it a fault."""
    fix: str = ""
    """What the reader can do."""
    severity: Severity = Severity.ERROR
