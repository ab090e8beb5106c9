"""From what lint found to where its author wrote it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reconciler.kit.diagnostics import Position
from reconciler.manifest.documents import Document, ManifestKind, Manifests
from reconciler.manifest.positions import Path
from reconciler.model.address import Address

_STATEMENT: Final = "Statement"
_OF_A_KEY: Final[Path] = ("spec", "policy")
_OF_A_KEY_POLICY: Final[Path] = ("spec",)


def locator(manifests: Manifests) -> Callable[[Address, Path], Position | None]:
    """Where a path into the manifest of an address, or into the policy of a key, stands; None when that is unknown.

    A path into a policy begins with `Statement` and is known where the policy is written as a `document:`.
    """

    def locate(address: Address, path: Path) -> Position | None:
        document = manifests.get(ManifestKind(str(address.kind)), address.name)
        if document is None or not path:
            return None
        return _in_policy(document, manifests, path) if path[0] == _STATEMENT else document.at(path, of_key=True)

    return locate


def _in_policy(document: Document, manifests: Manifests, path: Path) -> Position | None:
    holder, base = document, _OF_A_KEY
    if "policyRef" in document.spec:
        shared = manifests.get(ManifestKind.KEY_POLICY, document.spec["policyRef"]["name"])
        if shared is None:
            return None
        holder, base = shared, _OF_A_KEY_POLICY
    policy = holder.spec if holder is not document else holder.spec.get("policy", {})
    written = policy.get("document")
    if not isinstance(written, dict):
        return None
    return holder.at((*base, "document", *_one_or_many(written, path)), of_key=True)


def _one_or_many(written: dict[str, object], path: Path) -> Path:
    """`path` in a document whose only statement may stand without a list around it."""
    return path if isinstance(written.get(_STATEMENT), list) else (path[0], *path[2:])
