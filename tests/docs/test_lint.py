"""The pages of checks are what the data and the code say."""

from __future__ import annotations

from functools import partial

import pytest

from reconciler.lint import checks, lint, subjects_of
from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.manifest.suppressions import suppressions_of
from reconciler.workflow.lint.places import locate
from tests.docs.lint_pages import FAMILIES, FOLDER, framework_rows, index_rows, page
from tests.docs.pages import blocks, tables

INDEX = FOLDER / "README.md"
SET_ASIDE = [block.text for block in blocks(INDEX) if block.language == "yaml"]


@pytest.mark.parametrize("name", checks())
def test_the_page_of_a_check_says_what_the_data_says(name):
    assert (FOLDER / f"{name}.md").read_text("utf-8") == page(checks()[name])


def test_there_is_no_page_without_a_check():
    assert {file.stem for file in FOLDER.iterdir()} == {"README", *checks()}


def test_the_index_has_every_check_and_every_id_of_others():
    assert tables(INDEX) == [*(index_rows(family) for family in FAMILIES), framework_rows()]


@pytest.mark.parametrize(("text", "count"), [*zip(SET_ASIDE, (2, 2), strict=True)], ids=["comments", "annotation"])
def test_what_the_index_sets_aside_is_set_aside(text, count):
    sources = [Source("keys.yaml", text)]
    manifests = load(sources)
    subjects = subjects_of(desire(manifests, stack="default", accounts={}))
    found = lint(subjects, suppressions=suppressions_of(manifests, sources), locate=partial(locate, manifests))
    assert sum(one.suppressed is not None for one in found) == count
    assert not [one for one in found if one.check.id.startswith("KC9")]
