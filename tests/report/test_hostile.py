"""Other people's texts obey nobody, in any format: not a terminal, not Markdown, not HTML."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reconciler.report.dot import graph as dot_graph
from reconciler.report.github import diagnostics as github_diagnostics
from reconciler.report.github import drift as github_drift
from reconciler.report.github import lint as github_lint
from reconciler.report.json import diagnostics as json_diagnostics
from reconciler.report.json import lint as json_lint
from reconciler.report.junit import diagnostics as junit_diagnostics
from reconciler.report.junit import drift as junit_drift
from reconciler.report.junit import lint as junit_lint
from reconciler.report.markdown import access_can as markdown_access_can
from reconciler.report.markdown import access_who as markdown_access_who
from reconciler.report.markdown import cost as markdown_cost
from reconciler.report.markdown import drift as markdown_drift
from reconciler.report.markdown import keys as markdown_keys
from reconciler.report.markdown import plan as markdown_plan
from reconciler.report.markdown.escape import code, fence, html_code, prose, row, table
from reconciler.report.mermaid import graph as mermaid_graph
from reconciler.report.sarif import diagnostics as sarif_diagnostics
from reconciler.report.sarif import drift as sarif_drift
from reconciler.report.sarif import lint as sarif_lint
from reconciler.report.style import Style
from reconciler.report.text import access_can as text_access_can
from reconciler.report.text import access_who as text_access_who
from reconciler.report.text import apply as text_apply
from reconciler.report.text import cost as text_cost
from reconciler.report.text import diagnostics as text_diagnostics
from reconciler.report.text import drift as text_drift
from reconciler.report.text import keys as text_keys
from reconciler.report.text import lint as text_lint
from reconciler.report.text import plan as text_plan
from reconciler.report.text import rehearsal as text_rehearsal
from tests.report import hostile, linted
from tests.report.access import samples as access
from tests.report.rehearsals import hostile_one as hostile_rehearsal

PLAIN = Style()
SOURCES = {hostile.HOSTILE: f"a\x1b]0;owned\x07{hostile.HOSTILE}"}

EVERY_TEXT = {
    "plan": lambda: text_plan.render(hostile.hostile(), PLAIN),
    "drift": lambda: text_drift.render(hostile.drift(), PLAIN, list_unmanaged=True),
    "outcome": lambda: text_apply.render(hostile.outcome(), PLAIN),
    "events": lambda: "".join(text_apply.event_line(event, PLAIN) for event in hostile.EVENTS),
    "diagnostics": lambda: text_diagnostics.render([hostile.DIAGNOSTIC], PLAIN, sources=SOURCES),
    "error": lambda: text_diagnostics.render_error(hostile.ERROR, PLAIN),
    "rehearsal": lambda: text_rehearsal.render(hostile_rehearsal(), PLAIN),
    "keys": lambda: text_keys.render(hostile.keys(), PLAIN),
    "cost": lambda: text_cost.render(hostile.costs(), PLAIN),
    "access who": lambda: text_access_who.render(access.hostile_list(), PLAIN),
    "access can": lambda: text_access_can.render(access.hostile_answer(), PLAIN, trace=True),
    "dot": lambda: dot_graph.render(hostile.graph()),
    "mermaid": lambda: mermaid_graph.render(hostile.graph()),
    "json": lambda: json_diagnostics.render([hostile.DIAGNOSTIC]),
    "lint": lambda: text_lint.render(linted.hostile(), PLAIN, sources=SOURCES),
    "lint json": lambda: json_lint.render(linted.hostile()),
    "lint sarif": lambda: sarif_lint.render(linted.hostile()),
    "lint junit": lambda: junit_lint.render(linted.hostile()),
    "lint github": lambda: github_lint.render(linted.hostile()),
    "drift sarif": lambda: sarif_drift.render(hostile.drift(), list_unmanaged=True),
    "drift junit": lambda: junit_drift.render(hostile.drift(), list_unmanaged=True),
    "drift github": lambda: github_drift.render(hostile.drift(), list_unmanaged=True),
    "diagnostics sarif": lambda: sarif_diagnostics.render([hostile.DIAGNOSTIC]),
    "diagnostics junit": lambda: junit_diagnostics.render([hostile.DIAGNOSTIC], checked=[hostile.HOSTILE]),
    "diagnostics github": lambda: github_diagnostics.render([hostile.DIAGNOSTIC]),
}
EVERY_MARKDOWN = {
    "plan": lambda: markdown_plan.render(hostile.hostile()),
    "rehearsal": lambda: markdown_plan.render(hostile.hostile(), rehearsal=hostile_rehearsal()),
    "drift": lambda: markdown_drift.render(hostile.drift(), list_unmanaged=True),
    "keys": lambda: markdown_keys.render(hostile.keys()),
    "cost": lambda: markdown_cost.render(hostile.costs()),
    "access who": lambda: markdown_access_who.render(access.hostile_list()),
    "access can": lambda: markdown_access_can.render(access.hostile_answer()),
}
OUR_TAGS = ("<code>", "</code>", "<details>", "<summary>", "</summary>", "</details>")


def rendered(markdown: str):
    """The tokens of `markdown`, nested ones included, as GitHub would read it."""
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        yield token
        yield from token.children or ()


def tags_in(markdown: str) -> set[str]:
    """What is left of the raw HTML in `markdown` when our own tags are taken out."""
    raw = (token.content for token in rendered(markdown) if token.type in ("html_inline", "html_block"))
    left = []
    for text in raw:
        for tag in OUR_TAGS:
            text = text.replace(tag, "")
        left.append(text)
    return {text for text in left if "<" in text}


@pytest.mark.parametrize("text", [*EVERY_TEXT.values(), *EVERY_MARKDOWN.values()], ids=[*EVERY_TEXT, *EVERY_MARKDOWN])
def test_nothing_that_a_terminal_obeys_comes_through(text):
    categories = {unicodedata.category(character) for character in text().replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize("text", EVERY_TEXT.values(), ids=EVERY_TEXT)
def test_a_newline_in_a_name_makes_no_line_of_its_own(text):
    assert not any(line.lstrip(" +-~!").startswith("## gone") for line in text().splitlines())


@pytest.mark.parametrize("markdown", EVERY_MARKDOWN.values(), ids=EVERY_MARKDOWN)
def test_markdown_has_no_html_link_or_image_of_a_stranger(markdown):
    text = markdown()
    kinds = {token.type for token in rendered(text)}
    assert not kinds & {"link_open", "image", "em_open", "heading_open_2", "hr"}
    assert tags_in(text) == set()
    assert {token.tag for token in rendered(text) if token.type == "heading_open"} <= {"h3", "h4"}


@pytest.mark.parametrize("markdown", EVERY_MARKDOWN.values(), ids=EVERY_MARKDOWN)
def test_nobody_is_mentioned_in_running_text(markdown):
    running, in_code = "", False
    for token in rendered(markdown()):
        if token.type == "html_inline":
            in_code = token.content == "<code>"
        elif token.type == "text" and not in_code:
            running += token.content
    assert "@" in running or markdown is EVERY_MARKDOWN["keys"]
    assert "@team" not in running


@given(st.text())
def test_any_text_is_one_cell_of_one_row_of_a_markdown_table(text):
    for cell in (code(text), prose(text)):
        tokens = list(rendered(table(("a", "b"), [row(cell, "end")])))
        assert [token.content for token in tokens if token.type == "text"][-1] == "end"
        assert sum(token.type == "td_open" for token in tokens) == 2
        assert not {token.type for token in tokens} & {"link_open", "image", "em_open", "strong_open"}
        assert tags_in(cell) == set()


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_any_text_is_shown_as_it_is(text):
    for shown in (prose(text), html_code(text)):
        tokens = rendered(f"x {shown} x")
        seen = "".join(t.content for t in tokens if t.type in ("text", "text_special")).replace("\u200b", "")
        assert seen.split() == ["x", *text.split(), "x"]


@given(st.lists(st.text(st.sampled_from("`~ \\ab"))))
def test_no_line_ends_the_code_block_that_it_is_in(lines):
    tokens = list(rendered(f"{fence(lines, 'diff')}\nafter"))
    assert tokens[0].type == "fence"
    assert tokens[0].content.rstrip("\n") == "\n".join(lines).rstrip("\n")
    assert "after" in [token.content for token in tokens[1:]]
