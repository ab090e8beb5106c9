"""Lines of differences as a code block that GitHub colours: the sign first, then the indentation."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.report.lines import DiffLine
from reconciler.report.markdown.escape import fence


def block(lines: Iterable[DiffLine]) -> str:
    """`lines` as a fenced diff; empty when there is none."""
    shown = [f"{line.mark} {'  ' * line.depth}{line.text}" for line in lines]
    return fence(shown, "diff") if shown else ""
