"""The page of operations names every variable that kmsctl reads."""

from __future__ import annotations

import re

from reconciler.apply.principals import PRINCIPAL_WINDOW
from reconciler.apply.wait import CONSISTENCY_WINDOW
from reconciler.kms.retrying import Patience
from reconciler.report.markdown.clip import COMMENT_LIMIT
from tests.docs.pages import DOCS, ROOT, named

PAGE = DOCS / "operations.md"
OTHERS = {"NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"}


def test_every_variable_has_a_row_and_every_row_a_variable():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "reconciler").rglob("*.py"))
    found = set(re.findall(r"\bKMSCTL_[A-Z_]*[A-Z]\b", source))
    operators = {row[1].strip("`") for row in named(DOCS / "operator" / "running.md", "flag").values()}
    assert named(PAGE, "variable").keys() == found - operators | OTHERS
    assert all(f'"{name}"' in source for name in OTHERS)


def test_the_windows_are_those_of_the_code():
    assert (Patience().attempts, Patience().seconds, PRINCIPAL_WINDOW) == (8, 60, 60)
    assert CONSISTENCY_WINDOW == 5.5 * 60


def test_the_longest_comment_is_that_of_the_code():
    assert f"{COMMENT_LIMIT:,} characters" in (DOCS / "pipelines.md").read_text(encoding="utf-8")
