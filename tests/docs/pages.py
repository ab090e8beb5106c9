"""The repository's Markdown, taken apart: fenced blocks with their labels, tables, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_OTHERS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
_CODE = re.compile(r"`([^`]+)`")


def every_page() -> list[Path]:
    """Every Markdown file that readers of the repository meet."""
    return [*(ROOT / name for name in _OTHERS), *sorted(DOCS.rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]


def user_pages() -> list[Path]:
    """The pages about using kmsctl, whose blocks are run."""
    apart = {DOCS / "architecture.md", DOCS / "benchmarks.md"}
    return [page for page in sorted(DOCS.rglob("*.md")) if page not in apart and page.parent.name != "adr"]


def name_of(page: Path) -> str:
    """How a page is called in the names of tests."""
    return str(page.relative_to(ROOT))


@dataclass(frozen=True)
class Block:
    """A fenced block: ```` ```yaml keys.yaml ```` has the language `yaml` and the label `keys.yaml`."""

    page: Path
    language: str
    label: str
    text: str
    first: int
    """Index of its first line of text in the page."""
    last: int
    """Index after its last line of text."""


@cache
def tokens(page: Path) -> tuple[Token, ...]:
    """`page`, as a reader of Markdown with tables takes it apart."""
    return tuple(MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")))


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """All fenced blocks of `page`, in order."""
    return tuple(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    for token in tokens(page):
        if token.type == "fence" and token.map:
            language, _, label = token.info.partition(" ")
            yield Block(page, language, label.strip(), token.content, token.map[0] + 1, token.map[1] - 1)


def tables(page: Path) -> list[list[tuple[str, ...]]]:
    """Every table of `page`: rows of cells as they are written, the head first."""
    found: list[list[tuple[str, ...]]] = []
    for token in tokens(page):
        match token.type:
            case "table_open":
                found.append([])
                cells = None
            case "tr_open":
                cells = []
            case "inline" if found and cells is not None:
                cells.append(token.content)
            case "tr_close":
                found[-1].append(tuple(cells))
                cells = None
            case _:
                pass
    return found


def named(page: Path, head: str) -> dict[str, tuple[str, ...]]:
    """The rows of the tables whose first head is `head`, by the code in their first cell; each name has one row."""
    found: dict[str, tuple[str, ...]] = {}
    for table in tables(page):
        for row in table[1:] if table[0][0] == head else ():
            for name in _CODE.findall(row[0]):
                assert name not in found, f"{name_of(page)}: two rows are about {name}"
                found[name] = row
    return found
