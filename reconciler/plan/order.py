"""In what order a plan's steps may run: a DAG of nodes, ties broken by address.

A change is one node of steps that run before whatever depends on it, and one of steps that run after; between these a
multi-Region key's primary moves. An alias, a grant or a replica waits for its key to be prepared; a key is disabled or
scheduled for deletion when they are done, and when every key of its name is prepared: no key goes before its successor
is there, and no primary before its replicas.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from graphlib import TopologicalSorter

from reconciler.model.address import Address
from reconciler.plan.changes import Change, Plan
from reconciler.plan.phases import Phase, phase_of
from reconciler.plan.steps import Step


@dataclass(frozen=True, slots=True, order=True)
class NodeId:
    """A node: a change (by its address and the resource it is about) and a phase."""

    address: Address
    resource_id: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class Node:
    """Steps of one change that run in sequence, once every node in `after` is done."""

    id: NodeId
    steps: tuple[Step, ...]
    after: tuple[NodeId, ...]


def nodes(plan: Plan) -> tuple[Node, ...]:
    """The plan's steps as a DAG, listed in a valid order that depends on nothing but the plan.

    What waited for a step comes before what waits for none: a key is finished, with its aliases and grants, before the
    next one is begun. So what ends early is whole, and calls of several quotas go on side by side.

    Raises:
        graphlib.CycleError: a change depends on itself; the planner never makes such a plan.
    """
    steps = {node: chosen for change in plan.changes for node, chosen in _split(change)}
    waits = _edges(plan, steps)
    sorter: TopologicalSorter[NodeId] = TopologicalSorter(waits)
    sorter.prepare()
    ordered: list[NodeId] = []
    ready: list[tuple[bool, NodeId]] = []
    while sorter.is_active():
        for node in sorter.get_ready():
            heapq.heappush(ready, (not waits[node], node))
        node = heapq.heappop(ready)[1]
        ordered.append(node)
        sorter.done(node)
    return tuple(Node(node, steps[node], tuple(sorted(waits[node]))) for node in ordered)


def _split(change: Change) -> list[tuple[NodeId, tuple[Step, ...]]]:
    split = []
    for phase in Phase:
        chosen = tuple(step for step in change.steps if phase_of(step) is phase)
        if chosen:
            split.append((_node(change, phase), chosen))
    return split


def _node(change: Change, phase: Phase) -> NodeId:
    return NodeId(change.address, change.resource_id or "", phase)


def _edges(plan: Plan, steps: dict[NodeId, tuple[Step, ...]]) -> dict[NodeId, set[NodeId]]:
    by_address: defaultdict[Address, list[NodeId]] = defaultdict(list)
    for node in steps:
        by_address[node.address].append(node)
    waits: dict[NodeId, set[NodeId]] = {node: set() for node in steps}
    for node in steps:
        waits[node] |= {other for other in by_address[node.address] if other.phase < node.phase}
    for change in plan.changes:
        own = [node for phase in Phase if (node := _node(change, phase)) in steps]
        for address in change.depends_on:
            for other in by_address[address]:
                for node in own:
                    _order(waits, node, other)
    return waits


def _order(waits: dict[NodeId, set[NodeId]], dependent: NodeId, depended_on: NodeId) -> None:
    first = depended_on.phase is Phase.PREPARE or (depended_on.phase is Phase.MOVE and dependent.phase is Phase.FINISH)
    if first:
        waits[dependent].add(depended_on)
    else:
        waits[depended_on].add(dependent)
