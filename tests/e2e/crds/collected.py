"""Every manifest that the repository shows: examples, pages, schemas, and the cases of the validator's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.kubernetes import unlisted
from reconciler.manifest.schemas import schema_of
from reconciler.manifest.yamltext import parse
from tests.docs.pages import blocks, every_page

ROOT = Path(__file__).parents[3]


def collected() -> list[dict[str, Any]]:
    """Those with a name and a known kind, whatever else may be wrong with them."""
    return [body for body in _all() if _named(body)]


def _all() -> Iterator[Any]:
    for kind in ManifestKind:
        yield from schema_of(kind.lower())["examples"]
    for folder in ("examples", "tests/manifest/cases"):
        for file in sorted((ROOT / folder).rglob("*.yaml")):
            yield from _in(file.read_text(encoding="utf-8"))
    for page in every_page():
        for block in blocks(page):
            if block.language == "yaml":
                yield from _in(block.text)


def _in(text: str) -> Iterator[Any]:
    for tree in parse(text, "-").trees:
        yield from (one.value for one in unlisted(tree) if one.sound)


def _named(body: Any) -> bool:
    match body:
        case {"apiVersion": "kms.reconciler.dev/v1alpha1", "kind": str(kind), "metadata": {"name": str()}}:
            return kind in set(ManifestKind)
        case _:
            return False
