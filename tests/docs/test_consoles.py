"""What the pages show of a terminal is what a terminal shows.

`pytest tests/docs --snapshot-update` writes what it shows now into the pages.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.cli.commands import access, local, operator
from reconciler.cli.registry import COMMANDS
from reconciler.plan.changes import Action
from reconciler.report.words import SIGNS
from tests.docs.console import replayed
from tests.docs.pages import DOCS, blocks, name_of, named, user_pages

NAMES = [command.name for command in COMMANDS]
LOCAL = [f"local {name}" for name in local.GROUP.commands]
ACCESS = [f"access {name}" for name in access.GROUP.commands]
OPERATOR = [f"operator {name}" for name in operator.GROUP.commands]


@pytest.mark.parametrize(
    "page", [page for page in user_pages() if any(b.language == "console" for b in blocks(page))], ids=name_of
)
def test_the_terminal_shows_what_the_page_says(page: Path, tmp_path, monkeypatch, request):
    monkeypatch.chdir(tmp_path)
    now = replayed(page)
    if request.config.getoption("update_snapshots", default=False):
        page.write_text(now, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == now


def test_every_command_has_a_page_and_every_page_a_command():
    assert {page.stem for page in (DOCS / "commands").glob("*.md")} == {*NAMES, "README"}


@pytest.mark.parametrize("name", [*NAMES, *ACCESS, *LOCAL, *OPERATOR])
def test_the_page_of_a_command_shows_its_help(name):
    page = DOCS / "commands" / f"{name.split()[0]}.md"
    assert any(f"$ kmsctl {name} --help\n" in block.text for block in blocks(page) if block.language == "console")


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.NO_OP])
def test_the_page_of_plan_explains_the_mark_of_every_action(action):
    assert f"`{action}`" in named(DOCS / "commands" / "plan.md", "mark")[SIGNS[action]][1]
