"""Lines of differences on a terminal: sign, then text, indented, in the colour of what happens."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from reconciler.report.lines import DiffLine, Mark
from reconciler.report.style import Style, Tone

TONES = MappingProxyType(
    {
        Mark.ADDED: Tone.ADDED,
        Mark.REMOVED: Tone.REMOVED,
        Mark.CHANGED: Tone.CHANGED,
        Mark.COSMETIC: Tone.DIM,
        Mark.KEPT: Tone.DIM,
        Mark.NOTED: Tone.ALARM,
    }
)


def painted(lines: Iterable[DiffLine], style: Style, *, indent: int) -> list[str]:
    """`lines` from column `indent`, two more for each level."""
    return [" " * (indent + 2 * line.depth) + _one(line, style) for line in lines]


def _one(line: DiffLine, style: Style) -> str:
    if line.mark is Mark.COSMETIC:
        return style.paint(Tone.DIM, f"{line.mark} {line.text}")
    return f"{style.paint(TONES[line.mark], line.mark)} {line.text}"
