"""Where in a file something is that lint found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.kit.diagnostics import Position
from reconciler.lint.finding import Path
from reconciler.manifest.documents import Document, ManifestKind, Manifests
from reconciler.model.address import Address


def locate(manifests: Manifests, address: Address, path: Path) -> Position | None:
    """The place of `path`, into the manifest at `address` or (it begins with `Statement`) into its policy.

    None where the policy is no document that was written out in YAML: its statements then have a place, and their
    parts have none. Of a field that is missing it is the nearest place.
    """
    document = manifests.get(ManifestKind(address.kind), address.name)
    if document is None or not path:
        return None
    if path[0] != "Statement":
        return _at(document, path)
    holder, to_policy = _policy(document, manifests)
    written = holder.spec.get("document") if not to_policy else holder.spec.get("policy", {}).get("document")
    if not isinstance(written, Mapping) or not _leads(written, path):
        return None
    return _at(holder, ("spec", *to_policy, "document", *path))


def _at(document: Document, path: Path) -> Position:
    """The value at `path`; its key where the value begins on a later line, for a comment stands behind the key."""
    value, key = document.at(path), document.at(path, of_key=True)
    return value if value.line == key.line else key


def _policy(document: Document, manifests: Manifests) -> tuple[Document, tuple[str, ...]]:
    """The manifest that has the policy of the key `document`, and the way to it in its spec."""
    shared = document.spec.get("policyRef", {}).get("name")
    holder = manifests.get(ManifestKind.KEY_POLICY, shared) if shared else None
    return (holder, ()) if holder is not None else (document, ("policy",))


def _leads(value: Any, path: Path) -> bool:
    """Whether the policy has what `path` leads to: a lone statement, for one, is written without a list."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
