"""Keys, aliases and grants, and which of them rest on which: what `kmsctl graph` draws."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.address import Kind
from reconciler.model.desired import DesiredAlias, DesiredGrant, DesiredState, ExternalKey, KeyReference, ManagedKey
from reconciler.plan.changes import Action, Plan
from reconciler.report.words import spoken


class Shape(enum.StrEnum):
    """What a node is."""

    KEY = "key"
    ALIAS = "alias"
    GRANT = "grant"
    EXTERNAL = "external"
    """A key that no manifest of the stack declares."""


_SHAPES = {Kind.KEY: Shape.KEY, Kind.ALIAS: Shape.ALIAS, Kind.GRANT: Shape.GRANT}


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One resource. `id` names it among the nodes; `label` is for people and not escaped."""

    id: str
    shape: Shape
    label: str


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """`source` rests on `target`; both are ids of nodes."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Sorted, each node and edge once; edges only between nodes that are there."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()

    def __post_init__(self) -> None:
        nodes = {node.id: node for node in sorted(self.nodes, reverse=True)}
        edges = {edge for edge in self.edges if edge.source in nodes and edge.target in nodes}
        object.__setattr__(self, "nodes", tuple(sorted(nodes.values())))
        object.__setattr__(self, "edges", tuple(sorted(edges)))


def graph_of(desired: DesiredState) -> Graph:
    """What the manifests declare: each alias and grant rests on its key."""
    nodes = [Node(str(r.address), _SHAPES[r.address.kind], str(r.address)) for r in desired.resources()]
    edges = []
    for resource in (*desired.aliases, *desired.grants):
        nodes += _external(resource.key)
        edges.append(_rests(resource))
    return Graph(tuple(nodes), tuple(edges))


def graph_of_plan(plan: Plan) -> Graph:
    """What a plan does, and what waits for what; resources in which nothing is done are left out."""
    shown = [change for change in plan.changes if change.action is not Action.NO_OP]
    nodes = [
        Node(str(change.address), _SHAPES[change.address.kind], f"{spoken(change.action)} {change.address}")
        for change in shown
    ]
    edges = [Edge(str(change.address), str(other)) for change in shown for other in change.depends_on]
    return Graph(tuple(nodes), tuple(edges))


def _rests(resource: DesiredAlias | DesiredGrant) -> Edge:
    match resource.key:
        case ManagedKey(address):
            return Edge(str(resource.address), str(address))
        case ExternalKey(key):
            return Edge(str(resource.address), key)


def _external(reference: KeyReference) -> Iterator[Node]:
    if isinstance(reference, ExternalKey):
        yield Node(reference.key, Shape.EXTERNAL, reference.key)
