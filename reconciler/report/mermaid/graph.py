"""A graph for Mermaid. Source: https://mermaid.js.org/syntax/flowchart.html (entity codes to escape characters)."""

from __future__ import annotations

import re
from types import MappingProxyType

from reconciler.kit.printable import printable
from reconciler.report.graph import Graph, Shape

_SHAPES = MappingProxyType(
    {
        Shape.KEY: ("[", "]"),
        Shape.ALIAS: ("([", "])"),
        Shape.GRANT: (">", "]"),
        Shape.STORE: ("[(", ")]"),
        Shape.EXTERNAL: ("[[", "]]"),
    }
)
_ACTIVE = re.compile(r"[^\w ./@:+-]", re.ASCII)
"""Everything that is not plain in a label: markup, Markdown, quotes, and all that is not ASCII."""


def render(graph: Graph) -> str:
    """`graph` as a flowchart, arrows from what rests to what it rests on."""
    names = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    nodes = []
    for node in graph.nodes:
        opening, closing = _SHAPES[node.shape]
        nodes.append(f"  {names[node.id]}{opening}{quoted(node.label)}{closing}")
    edges = [f"  {names[edge.source]} --> {names[edge.target]}" for edge in graph.edges]
    return "\n".join(["flowchart LR", *nodes, *edges]) + "\n"


def quoted(text: str) -> str:
    """The one way in which other people's text gets into Mermaid: what could be obeyed is an entity code."""
    return '"' + _ACTIVE.sub(lambda match: f"#{ord(match.group())};", printable(text)) + '"'
