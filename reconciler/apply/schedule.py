"""Which nodes of a plan may start: the bookkeeping of a walk over its DAG. One thread uses it."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence

from reconciler.plan.order import Node, NodeId


class Schedule:
    """The nodes of a plan, in the plan's order. Of those that may start, the first is taken first."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = tuple(nodes)
        self._place = {node.id: place for place, node in enumerate(self._nodes)}
        self._waits = {node.id: set(node.after) for node in self._nodes}
        self._followers: defaultdict[NodeId, list[NodeId]] = defaultdict(list)
        for node in self._nodes:
            for other in node.after:
                self._followers[other].append(node.id)
        self._ready = [place for place, node in enumerate(self._nodes) if not node.after]
        self._skipped: set[NodeId] = set()

    def take(self) -> Node | None:
        """The next node that may start, given out once; None when there is none now."""
        return self._nodes[heapq.heappop(self._ready)] if self._ready else None

    def done(self, node: Node) -> None:
        """`node` is done: what only waited for it may start."""
        for follower in self._followers[node.id]:
            self._waits[follower].discard(node.id)
            if not self._waits[follower] and follower not in self._skipped:
                heapq.heappush(self._ready, self._place[follower])

    def failed(self, node: Node) -> tuple[Node, ...]:
        """`node` failed: the nodes that depend on it, near or far, and will never start. Each is named once."""
        reached: set[NodeId] = set()
        frontier = [node.id]
        while frontier:
            for follower in self._followers[frontier.pop()]:
                if follower not in reached and follower not in self._skipped:
                    reached.add(follower)
                    frontier.append(follower)
        self._skipped |= reached
        return tuple(self._nodes[place] for place in sorted(self._place[node_id] for node_id in reached))
