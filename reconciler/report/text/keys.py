"""The state of keys for people: one line a key."""

from __future__ import annotations

from reconciler.kit.printable import printable
from reconciler.report.keys import HEAD, KeyList, cells, summary
from reconciler.report.style import Style, Tone
from reconciler.report.text.heads import accounts
from reconciler.report.text.table import table


def render(keys: KeyList, style: Style) -> str:
    """A table of `keys`, and how many there are, by state."""
    lines = [style.paint(Tone.BOLD, f"Keys of stack {printable(keys.stack)}"), *accounts(keys.accounts, style), ""]
    if keys.rows:
        lines += [*table(HEAD, [[printable(cell) for cell in cells(row, keys.stack)] for row in keys.rows], style), ""]
    return "\n".join([*lines, summary(keys)]) + "\n"
