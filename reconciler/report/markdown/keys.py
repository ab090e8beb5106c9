"""The state of keys as a Markdown table."""

from __future__ import annotations

from reconciler.report.keys import HEAD, KeyList, cells, summary
from reconciler.report.markdown.escape import code, prose, row, table


def render(keys: KeyList) -> str:
    """A table of `keys`, and how many there are, by state."""
    rows = [row(*(prose(cell) for cell in cells(key, keys.stack))) for key in keys.rows]
    parts = [f"### Keys of stack {code(keys.stack)}"]
    parts += [table([name.capitalize() for name in HEAD], rows)] if rows else []
    return "\n\n".join([*parts, summary(keys)]) + "\n"
