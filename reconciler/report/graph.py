"""Keys, aliases and grants, and which of them rest on which: what `kmsctl graph` draws."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from reconciler.model.address import Kind
from reconciler.model.desired import (
    DesiredAlias,
    DesiredGrant,
    DesiredState,
    ExternalKey,
    ExternalPrimary,
    KeyReference,
    ManagedKey,
    PrimaryReference,
)


class Shape(enum.StrEnum):
    """What a node is."""

    KEY = "key"
    ALIAS = "alias"
    GRANT = "grant"
    STORE = "store"
    EXTERNAL = "external"
    """A key that no manifest of the stack declares."""


_SHAPES = {
    Kind.CUSTOM_KEY_STORE: Shape.STORE,
    Kind.KEY: Shape.KEY,
    Kind.REPLICA_KEY: Shape.KEY,
    Kind.ALIAS: Shape.ALIAS,
    Kind.GRANT: Shape.GRANT,
}


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
    """What the manifests declare: an alias or grant rests on its key, a replica on its primary, a key on its store."""
    nodes = [Node(str(r.address), _SHAPES[r.address.kind], str(r.address)) for r in desired.resources()]
    resting: list[DesiredAlias | DesiredGrant] = [*desired.aliases, *desired.grants]
    nodes += [node for resource in resting for node in _external(resource.key)]
    edges = [Edge(str(resource.address), _id(resource.key)) for resource in resting]
    for key in desired.keys:
        if key.primary is not None:
            edges.append(Edge(str(key.address), _primary(key.primary)))
            nodes += _external_primary(key.primary)
        if key.store is not None:
            edges.append(Edge(str(key.address), str(key.store)))
    return Graph(tuple(nodes), tuple(edges))


def _id(reference: KeyReference) -> str:
    match reference:
        case ManagedKey(address):
            return str(address)
        case ExternalKey(key):
            return key
        case _:
            assert_never(reference)


def _primary(reference: PrimaryReference) -> str:
    return str(reference.address) if isinstance(reference, ManagedKey) else reference.key


def _external_primary(reference: PrimaryReference) -> Iterator[Node]:
    if isinstance(reference, ExternalPrimary):
        yield Node(reference.key, Shape.EXTERNAL, reference.key)


def _external(reference: KeyReference) -> Iterator[Node]:
    if isinstance(reference, ExternalKey):
        yield Node(reference.key, Shape.EXTERNAL, reference.key)
