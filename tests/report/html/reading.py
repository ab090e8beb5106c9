"""Reading a page as a browser would, and as strictly as one that were no friend of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "br", "input"})
BLOCKS = frozenset({
    "h1", "h2", "h3", "h4", "p", "li", "tr", "summary", "title", "section", "details", "header", "main", "footer",
    "div",
})  # fmt: skip


@dataclass
class Element:
    """A start tag; `path` are the tags around it."""

    tag: str
    attributes: dict[str, str]
    path: tuple[str, ...]


@dataclass
class Page:
    """What is in a page."""

    elements: list[Element] = field(default_factory=list)
    texts: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    """Each with the tags that it is in."""

    def all(self, tag: str) -> list[Element]:
        """The elements of one kind, in order."""
        return [element for element in self.elements if element.tag == tag]

    def inside(self, tag: str) -> str:
        """All text inside of elements of one kind."""
        return "".join(text for path, text in self.texts if tag in path)

    @property
    def body(self) -> str:
        """What a reader sees, a line a block."""
        return "\n".join(" ".join(line.split()) for line in self.inside("body").split("\n") if line.strip())

    @property
    def sheet(self) -> str:
        """The style sheet."""
        return self.inside("style")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{tag} has an attribute twice"
        self.page.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open)))
        if tag in BLOCKS:
            self.page.texts.append((tuple(self._open), "\n"))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> ends nothing"
        assert self._open.pop() == tag
        self.page.texts.append((tuple(self._open), "\n" if tag in BLOCKS else " " if tag in ("td", "th") else ""))

    def handle_data(self, data: str) -> None:
        self.page.texts.append((tuple(self._open), data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError("no page has comments")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"<![{data}")


def read(text: str) -> Page:
    """The page in `text`, in which every tag is closed where it should be."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert not reader._open
    return reader.page
