"""Who may do what with a key as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.report.access.groups import Group, Principal, grouped
from reconciler.report.access.people import spoken
from reconciler.report.access.sentences import VERDICTS, key_title, notes, way, when
from reconciler.report.access.shown import ListShown
from reconciler.report.markdown.escape import code, prose, row, table

_HEAD = ("Principal", "Standing", "Actions", "By")


def render(shown: ListShown) -> str:
    """A line for each principal and set of ways, and what is not known."""
    rows = [_row(principal, group, shown) for principal in grouped(shown.entries) for group in principal.groups]
    parts = [f"### Who may do what with {code(key_title(shown.key))}"]
    parts.append(table(_HEAD, rows) if rows else "Nobody.")
    parts += [f"> {prose(f'{note[:1].upper()}{note[1:]}.')}" for note in notes(shown)]
    return "\n\n".join(parts) + "\n"


def _row(principal: Principal, group: Group, shown: ListShown) -> str:
    actions = prose(spoken(group.actions, shown.possible))
    ways = "<br>".join(map(prose, _ways(group, shown)))
    return row(prose(principal.title), VERDICTS[group.standing], actions, ways)


def _ways(group: Group, shown: ListShown) -> Iterator[str]:
    for one in group.ways:
        yield f"{way(one, shown.key)} {when(one)}".strip()
    for one in group.unless:
        yield f"but denied {way(one, shown.key)} {when(one)}".strip()
