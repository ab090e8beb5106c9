"""Links lead somewhere, commands exist, and nothing names a machine or a registry."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from reconciler.cli.commandline import build
from reconciler.cli.parser import HelpAsked
from tests.docs.pages import ROOT, Block, blocks, every_page, name_of, tokens

PAGES = every_page()
PARSER = build(everything=True)
SHELL = ("sh", "console", "bash")
REGISTRIES = tuple(
    ".".join(host)
    for host in (
        *(("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("crates", "io")),
        *(("proxy", "golang", "org"), ("sum", "golang", "org")),
    )
)
"""Where packages come from is the business of whoever installs; in parts, so that this file names none of them.

Go's own domain is more than its registry's: go.mod has the names of modules under it."""
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|home|root|Users|mnt|srv)/\w")
COMMAND = re.compile(r"(?:^|(?<=[\s(]))kmsctl [^|;&()]+")
HELM = "helm "
"""Its releases are called kmsctl, too."""
DOTTED = (".gitignore", ".pre-commit-config.yaml")


def links(page: Path) -> Iterator[str]:
    for token in tokens(page):
        for child in token.children or ():
            if child.type in ("link_open", "image"):
                yield str(child.attrs.get("href") or child.attrs.get("src"))


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of `page`."""
    headings = [after.content for token, after in pairwise(tokens(page)) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def files() -> Iterator[Path]:
    """Every file of the repository, without what tools leave in it."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or not name.startswith((".", "__pycache__"))]
        yield from (Path(folder, name) for name in names if name in DOTTED or not name.startswith("."))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path):
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_is_linked_from_another():
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in links(page)}
    assert [name_of(page) for page in PAGES if page not in linked and page.name != "README.md"] == []


def test_no_file_names_a_package_registry_or_a_path_of_a_machine():
    found = []
    for path in files():
        text = path.read_bytes().decode("utf-8", "replace")
        if path != Path(__file__):
            found += [f"{name_of(path)}: {host}" for host in REGISTRIES if host in text]
            found += [f"{name_of(path)}: {place}" for place in MACHINE_PATH.findall(text)]
    assert found == []


def commands(block: Block) -> Iterator[str]:
    """The kmsctl commands of a block of shell."""
    for line in block.text.splitlines():
        if (block.language != "console" or line.startswith("$ ")) and not line.startswith(HELM):
            yield from (found.strip() for found in COMMAND.findall(line))


def workflow_commands(block: Block) -> Iterator[str]:
    for job in yaml.safe_load(block.text)["jobs"].values():
        yield from (step["run"] for step in job["steps"] if step.get("run", "").startswith("kmsctl "))


def documented() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in blocks(page):
            if block.language in SHELL:
                yield from ((name_of(page), command) for command in commands(block))
            elif block.label.startswith(".github/"):
                yield from ((name_of(page), command) for command in workflow_commands(block))


@pytest.mark.parametrize(("page", "command"), sorted(set(documented())), ids=lambda value: value[:60])
def test_every_command_in_the_documentation_can_be_parsed(page: str, command: str):
    words = shlex.split(command, comments=True)
    words = words[: next((at for at, word in enumerate(words) if word in (">", "<", "&")), len(words))]
    try:
        PARSER.parse_args(words[1:])
    except HelpAsked:
        assert "--help" in words
