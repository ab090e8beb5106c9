"""Objects of Kubernetes: what ACK and Crossplane have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.convert.drafts import Subject, Tool
from reconciler.convert.places import Node

_LIST: Final = "List"


def unlisted(document: Node) -> Iterator[Node]:
    """The objects in `document` where it is a list, as `kubectl get -o yaml` prints it; else itself."""
    if not document.text("kind").endswith(_LIST) or not isinstance(document.get("items").value, list):
        yield document
        return
    for child in document.get("items").items():
        yield from unlisted(child)


def group_of(document: Node) -> str:
    """The API group of an object; empty for what is none."""
    return document.text("apiVersion").partition("/")[0]


def annotation(document: Node, name: str) -> str | None:
    """An annotation."""
    return document.text("metadata", "annotations", name) or None


def handle(document: Node, kind: str, name: str, namespace: str | None = None) -> str:
    """What an object of `kind` is referred to as, in the namespace of `document` or another."""
    where = namespace if namespace is not None else document.text("metadata", "namespace")
    return f"{group_of(document)}/{kind}/{where}/{name}"


def subject(document: Node, tool: Tool) -> Subject:
    """Who an object is."""
    kind, name = document.text("kind"), document.text("metadata", "name")
    namespace = document.text("metadata", "namespace")
    title = f"{kind}/{namespace}/{name}" if namespace else f"{kind}/{name}"
    return Subject(tool, title, name, handle(document, kind, name), document)
