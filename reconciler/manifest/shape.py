"""What is wrong with the shape of a manifest: where its schema and it differ, in words."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.documents import ManifestKind, diagnose, position_in
from reconciler.manifest.kubernetes import authored
from reconciler.manifest.structure import violations
from reconciler.manifest.wording import explain
from reconciler.manifest.yamltext import Tree


def shape_faults(kind: ManifestKind, name: str | None, tree: Tree, file: str) -> Iterator[Diagnostic]:
    """Every way in which the document `tree` of `kind` does not match its schema; `name` where it has a sound one."""
    title = f"{kind}/{name}" if name else str(kind)
    for violation in violations(authored(tree.value), kind.lower()):
        for path, of_key, message in explain(violation):
            yield diagnose(position_in(tree, file, path, of_key=of_key), f"{title}: {message.what}", message)
