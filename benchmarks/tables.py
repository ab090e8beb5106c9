"""Markdown tables, as docs/benchmarks.md holds them."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """One table under its title; floats with two digits."""
    lines = [f"### {title}", "", _row(head), _row(["---"] * len(head)), *(_row(row) for row in rows), ""]
    return "\n".join(lines)


def machine() -> str:
    """One line that says where the figures are from."""
    cores = os.cpu_count()
    return f"{cores} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |"
