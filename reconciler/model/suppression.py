"""A finding of lint that somebody sets aside, and why."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.kit.diagnostics import Position


@dataclass(frozen=True, slots=True)
class Suppression:
    """One id in one annotation or comment."""

    check: str
    """As it is written; whether there is such a check is not known here."""
    reason: str
    """Empty when none is given, and then it sets nothing aside."""
    position: Position
    """Where it is written."""
    lines: tuple[int, int]
    """The first and last line of that file that it is about."""
    resource: str | None = None
    """Of an annotation: the manifest that has it, e.g. `Key/payments`."""

    def covers(self, position: Position | None) -> bool:
        """Whether something at `position` is within its lines."""
        if position is None or position.file != self.position.file:
            return False
        return self.lines[0] <= position.line <= self.lines[1]
