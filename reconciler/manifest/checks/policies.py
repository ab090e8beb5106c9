"""The fields of a policy, before it is compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.documents import Document, Message
from reconciler.manifest.positions import Path


def policy_at(document: Document, path: Path) -> Mapping[str, Any]:
    """The policy object at `path`; empty when there is none."""
    value = document.tree.value
    for step in path:
        value = value.get(step, {})
    policy: Mapping[str, Any] = value
    return policy


def check_policy_fields(document: Document, path: Path) -> Iterator[Diagnostic]:
    """A document and roles exclude each other."""
    policy = policy_at(document, path)
    roles = [name for name in policy if name != "document"]
    if "document" in policy and roles:
        yield document.fault(
            (*path, roles[0]),
            Message(
                "conflicting-fields",
                f"the policy has `document` and {', '.join(f'`{name}`' for name in roles)}",
                "a document is taken as it is, so nothing can be added to it",
                "write everything into the document, or use roles and `statements` only",
            ),
            of_key=True,
        )
