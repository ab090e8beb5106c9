"""The pages of `docs/lint/`: one a check, from the data, with an example from the corpus; and the tables of its index.

`python -m tests.docs.lint_pages` writes the pages anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from reconciler.lint import Check, checks
from tests.docs.pages import DOCS, ROOT

FOLDER = DOCS / "lint"
FAMILIES = {
    "1": "What policies say",
    "2": "Who is let in, who is locked out",
    "3": "More than is needed",
    "4": "Rotation and material",
    "5": "Life, use and looks of a key",
    "9": "Findings set aside",
}
_FRAMEWORKS = ("Security Hub", "CIS AWS Foundations", "AWS Config", "Control Tower", "Checkov", "Prowler")


@cache
def examples() -> dict[str, dict[str, Any]]:
    """The first case of the corpus of each check."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted((ROOT / "tests" / "lint" / "corpus").glob("*.yaml")):
        for case in yaml.safe_load(file.read_text("utf-8")):
            found.setdefault(case["finds"], case)
    return found


def page(check: Check) -> str:
    """The page of one check."""
    return "\n".join(_page(check)) + "\n"


def _page(check: Check) -> Iterator[str]:
    yield from (
        f"# {check.id} {check.name}",
        "",
        f"**{check.title}.** A finding of this check is {_ARTICLE[check.severity]}.",
        "",
    )
    yield from (check.why, "", "## What to do", "", check.fix, "")
    if check.id in examples():
        yield from _example(examples()[check.id])
    if check.frameworks:
        yield from ("## What it answers", "", "| framework | there |", "|---|---|")
        yield from (f"| {name} | {', '.join(ids)} |" for name, ids in check.frameworks.items())
        yield ""
    if check.sources:
        yield from ("## Sources", "", *(f"- <{source}>" for source in check.sources), "")
    yield "[All checks](README.md), and [how to set a finding aside](README.md#setting-findings-aside)."


_ARTICLE = {"error": "an error", "warning": "a warning", "note": "a note"}


def _example(case: dict[str, Any]) -> Iterator[str]:
    shown = next(
        (case[name] for name in ("statements", "policy", "identity", "spec", "grants", "live", "key") if name in case),
        None,
    )
    if shown is None or "live" in case or set(case) <= {"fault", "finds", "also", "key"}:
        return
    text = json.dumps(shown[0] if "statements" in case and len(shown) == 1 else shown, indent=2, ensure_ascii=False)
    of = "of a Key manifest, as JSON" if "spec" in case else ""
    yield from (
        "## An example",
        "",
        f"It is found here, since {case['fault']}{':' if not of else f' (`spec` {of}):'}",
        "",
    )
    yield from ("```json", text, "```", "")


def index_rows(family: str) -> list[tuple[str, ...]]:
    """The rows of a family's table."""
    rows = [("check", "severity", "finds")]
    for one in checks().values():
        if one.id[2] == family:
            rows.append((f"[{one.id}]({one.id}.md) {one.name}", one.severity.value, one.title))
    return rows


def framework_rows() -> list[tuple[str, ...]]:
    """The rows of the table from other frameworks' ids to checks."""
    found: dict[tuple[int, str], list[str]] = {}
    for one in checks().values():
        for name, ids in one.frameworks.items():
            for each in ids:
                found.setdefault((_FRAMEWORKS.index(name), each), []).append(one.id)
    rows = [("framework", "there", "here")]
    rows += [(_FRAMEWORKS[rank], each, ", ".join(ids)) for (rank, each), ids in sorted(found.items())]
    return rows


def table(rows: list[tuple[str, ...]]) -> str:
    """`rows` as Markdown."""
    head, *body = rows
    lines = [head, ("---",) * len(head), *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write() -> None:
    """Every page but the index."""
    for check in checks().values():
        (FOLDER / f"{check.id}.md").write_text(page(check), encoding="utf-8")


if __name__ == "__main__":
    write()
