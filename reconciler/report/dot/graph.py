"""A graph for Graphviz. Source: https://graphviz.org/doc/info/lang.html (quoted strings and their escapes)."""

from __future__ import annotations

from types import MappingProxyType

from reconciler.kit.printable import printable
from reconciler.report.graph import Graph, Shape

_SHAPES = MappingProxyType(
    {
        Shape.KEY: "shape=box, style=rounded",
        Shape.ALIAS: "shape=ellipse",
        Shape.GRANT: "shape=note",
        Shape.STORE: "shape=cylinder",
        Shape.EXTERNAL: 'shape=box, style="rounded,dashed"',
    }
)


def render(graph: Graph) -> str:
    """`graph` in the DOT language, arrows from what rests to what it rests on."""
    names = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    nodes = [f"  {names[node.id]} [label={quoted(node.label)}, {_SHAPES[node.shape]}];" for node in graph.nodes]
    edges = [f"  {names[edge.source]} -> {names[edge.target]};" for edge in graph.edges]
    return "\n".join(["digraph kmsctl {", "  rankdir=LR;", *nodes, *edges, "}"]) + "\n"


def quoted(text: str) -> str:
    r"""The one way in which other people's text gets into DOT: `\` would begin an escape such as `\N`."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
