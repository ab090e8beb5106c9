"""The one way in which other people's text gets into Markdown: names, tags, policies and messages.

Rules of the format: https://github.github.com/gfm/ (code spans, tables, entities, fenced code, autolinks). GitHub adds
mentions, issue numbers and `$mathematics$`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from reconciler.kit.printable import printable

_LIMIT = 2_000
_PLAIN_CODE = re.compile(r"[\w./:@=+,()~!?<>\[\]-](?:[\w ./:@=+,()~!?<>\[\]-]*[\w./:@=+,()~!?<>\[\]-])?", re.ASCII)
"""What a code span shows as it is, wherever it stands."""
_ACTIVE = re.compile(r"[\\`*_\[\]{}|~#$!]|://|@|(?<=www)\.")
"""What Markdown obeys in running text, after HTML's own characters are escaped."""


def prose(text: str) -> str:
    """`text` as running text on one line: nothing in it is obeyed, linked, or tells anybody."""
    return _entities(printable(text, limit=_LIMIT)).replace("&#64;", "&#64;&#8203;")


def code(text: str) -> str:
    """`text` as a name or value, in running text and in tables."""
    shown = printable(text, limit=_LIMIT)
    return f"`{shown}`" if _PLAIN_CODE.fullmatch(shown) else html_code(shown)


def html_code(text: str) -> str:
    """`text` as a name or value where Markdown is not read, such as a summary."""
    return f"<code>{_entities(printable(text, limit=_LIMIT))}</code>"


def fence(lines: Iterable[str], language: str) -> str:
    """`lines`, each printable, as a code block that none of them can end."""
    body = "\n".join(lines)
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


def table(head: Sequence[str], rows: Iterable[str]) -> str:
    """A table of lines that `row` made."""
    return "\n".join([row(*head), row(*["---"] * len(head)), *rows])


def row(*cells: str) -> str:
    """One line of a table, of cells that `prose` or `code` made."""
    return f"| {' | '.join(cells)} |"


def details(summary: str, body: str) -> str:
    """`body`, Markdown, folded away under `summary`, HTML."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _entities(shown: str) -> str:
    return _ACTIVE.sub(_entity, html.escape(shown, quote=True).replace("&#x27;", "'"))


def _entity(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in match.group())
