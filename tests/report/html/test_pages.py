"""What holds for every page, whatever is in it and whoever wrote that."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.html import page as pages
from reconciler.report.html.verdict import Tone, Verdict
from tests.report.html.reading import read
from tests.report.html.samples import EVERY, HOSTILE, PAGES

every_page = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
every_hostile = pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
ATTRIBUTES = {
    "http-equiv", "content", "charset", "name", "rel", "href", "lang", "class", "id", "aria-label", "aria-labelledby",
    "role", "tabindex", "scope", "colspan", "rowspan", "data-head", "open", "type", "checked",
}  # fmt: skip
TAGS = {
    "html", "head", "meta", "title", "link", "style", "body", "a", "header", "main", "footer", "section", "div",
    "p", "h1", "h2", "h3", "h4", "em", "b", "strong", "code", "span", "ul", "ol", "li", "dl", "dt", "dd",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "label", "input", "br",
}  # fmt: skip


@every_page
def test_a_page_is_made_of_a_few_harmless_tags_and_attributes(make):
    page = read(make())
    assert {element.tag for element in page.elements} <= TAGS
    assert {name for element in page.elements for name in element.attributes} <= ATTRIBUTES
    assert {element.attributes["type"] for element in page.all("input")} <= {"checkbox"}


@every_page
def test_a_page_needs_nothing_but_itself(make):
    page = read(make())
    assert [link.attributes["href"] for link in page.all("link")] == ["data:,"]
    assert not re.search(r"url\(|@import|expression", page.sheet)
    for anchor in page.all("a"):
        target = urlsplit(anchor.attributes["href"])
        assert target.scheme in ("", "https")
        assert target.fragment if not target.scheme else target.hostname.endswith("amazon.com")


@every_page
def test_the_policy_lets_in_the_pages_own_style_sheet_and_nothing_else(make):
    page = read(make())
    (policy,) = (one.attributes["content"] for one in page.all("meta") if "http-equiv" in one.attributes)
    digest = base64.b64encode(hashlib.sha256(page.sheet.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    places = [element.tag for element in page.elements]
    assert places.index("meta") < places.index("style")


@every_page
def test_links_within_a_page_lead_somewhere_and_ids_are_unique(make):
    page = read(make())
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    wanted = [one.attributes["href"][1:] for one in page.all("a") if one.attributes["href"].startswith("#")]
    wanted += [one.attributes["aria-labelledby"] for one in page.elements if "aria-labelledby" in one.attributes]
    assert set(wanted) <= set(ids)


@every_page
def test_a_page_can_be_read_without_seeing_it(make):
    page = read(make())
    assert page.all("html")[0].attributes["lang"] == "en"
    for landmark in ("header", "main", "footer", "h1", "title"):
        assert len(page.all(landmark)) == 1
    levels = [int(element.tag[1]) for element in page.elements if re.fullmatch("h[1-6]", element.tag)]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    for head in page.all("th"):
        assert head.attributes["scope"] in ("col", "row", "rowgroup")
    assert all("label" in box.path for box in page.all("input"))


@every_page
def test_a_filter_hides_entries_that_are_there(make):
    page = read(make())
    entries = {name for one in page.elements for name in one.attributes.get("class", "").split() if name != "entry"}
    for box in page.all("input"):
        kind = box.attributes["class"].removeprefix("shows-")
        assert kind in entries
        assert f".shows-{kind}:not(:checked)) .entry.{kind}" in page.sheet


@every_page
def test_nothing_hidden_is_in_a_page(make):
    categories = {unicodedata.category(character) for character in make().replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@every_page
def test_the_same_input_gives_the_same_bytes(make):
    assert make() == make()
    assert make().endswith("</html>\n")


@every_hostile
def test_what_strangers_write_is_text_and_stays_in_its_place(make):
    page = read(make())
    assert "<img src=x onerror=alert(1)>" in page.body
    assert "javascript:" not in {urlsplit(one.attributes["href"]).scheme for one in page.all("a")}
    for element in page.elements:
        assert "onerror" not in " ".join([*element.attributes.values(), element.attributes.get("class", "")])


@every_hostile
def test_a_newline_in_a_name_makes_no_line_of_its_own(make):
    assert not any(line.startswith("## gone") for line in read(make()).body.splitlines())


@pytest.mark.parametrize("make", PAGES.values(), ids=PAGES)
def test_a_page_reads_well(make, snapshot):
    assert read(make()).body.replace(pages.__version__, "VERSION") == snapshot


@given(st.text())
def test_any_text_is_text(text):
    page = read(
        pages.page("cost", text, Verdict(Tone.GOOD, text), costs=_Costs(text), basis=text, head=(), rows=(), numbers=())
    )
    told = pages.shown(text)
    assert page.inside("title") == f"{told}: {told}"
    assert page.inside("em") == told
    assert {element.tag for element in page.elements} <= TAGS


class _Costs:
    def __init__(self, stack: str) -> None:
        self.stack = stack


@pytest.mark.parametrize("value", [None, 1.5, b"x", ("x",), Tone], ids=["None", "float", "bytes", "tuple", "class"])
def test_what_is_no_text_is_refused_and_not_shown_somehow(value):
    with pytest.raises(TypeError):
        pages.shown(value)


class TestTheStyleSheet:
    SHEET = read(next(iter(PAGES.values()))()).sheet

    def palettes(self):
        """The colours of each scheme by name: light, dark, print."""
        return [
            dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
            for block in re.findall(r":root \{(.*?)\}", self.SHEET, re.DOTALL)
        ]

    @pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
    @pytest.mark.parametrize(
        ("ink", "paper"),
        [
            *(("text", paper) for paper in ("page", "card")),
            *(("muted", paper) for paper in ("page", "card")),
            *((ink, "card") for ink in ("link", "changed", "removed")),
            *((ink, f"{ink}-back") for ink in ("good", "changed", "removed", "linked", "quiet", "alarm")),
        ],
    )
    def test_what_is_written_can_be_read_on_what_it_is_written_on(self, scheme, ink, paper):
        """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
        colours = self.palettes()[scheme]
        lighter, darker = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5

    def test_every_scheme_names_every_colour(self):
        light, dark, print_ = self.palettes()
        assert light.keys() == dark.keys() == print_.keys()
        assert set(re.findall(r"var\(--([\w-]+)\)", self.SHEET)) == light.keys()


def luminance(colour: str) -> float:
    """Relative luminance by WCAG."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
