"""What Kubernetes puts around manifests, so that `kubectl get keys -o yaml | kmsctl plan -f -` works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from reconciler.manifest.positions import elements
from reconciler.manifest.schemas import API_VERSION
from reconciler.manifest.yamltext import Tree

_LIST_VERSIONS: Final = ("v1", API_VERSION)
"""`kubectl get` prints a `List` of v1, the API server a `KeyList` of our own version."""
_STATUS: Final = "status"
_WRITTEN_BY_SERVER: Final = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
"""Fields of `metadata` that nobody writes into a manifest by hand.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
"""


def unlisted(tree: Tree) -> Iterator[Tree]:
    """The documents in `tree` where it is a list of Kubernetes, otherwise itself."""
    if not _is_list(tree.value):
        yield tree
        return
    if tree.value.get("items") is None:
        return
    for value, marks in elements(tree.value, tree.marks, "items"):
        yield from unlisted(Tree(value, marks, tree.sound))


def authored(value: dict[str, Any]) -> dict[str, Any]:
    """A manifest without what the API server and the operator wrote into it."""
    metadata = value.get("metadata")
    written = _WRITTEN_BY_SERVER & metadata.keys() if isinstance(metadata, dict) else frozenset()
    if not written and _STATUS not in value:
        return value
    kept = {name: child for name, child in value.items() if name != _STATUS}
    if written:
        kept["metadata"] = {name: child for name, child in value["metadata"].items() if name not in written}
    return kept


def _is_list(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("apiVersion") in _LIST_VERSIONS
        and isinstance(value.get("kind"), str)
        and value["kind"].endswith("List")
        and isinstance(value.get("items", ""), list | None)
    )
