from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.apply.schedule import Schedule
from reconciler.model.address import Address, Kind
from reconciler.plan.order import Node, NodeId
from reconciler.plan.phases import Phase


def node_id(place: int) -> NodeId:
    return NodeId(Address(Kind.KEY, f"{place:03}"), "", Phase.PREPARE)


@st.composite
def graphs(draw) -> tuple[Node, ...]:
    size = draw(st.integers(0, 12))
    edges = [draw(st.sets(st.integers(0, max(place - 1, 0)), max_size=3)) if place else set() for place in range(size)]
    return tuple(
        Node(node_id(place), (), tuple(sorted(node_id(before) for before in edges[place]))) for place in range(size)
    )


@given(graphs(), st.randoms(use_true_random=False))
def test_every_node_starts_once_and_after_what_it_depends_on(graph, random):
    schedule = Schedule(graph)
    running, finished = [], []
    while True:
        while node := schedule.take():
            assert set(node.after) <= {done.id for done in finished}
            running.append(node)
        if not running:
            break
        node = running.pop(random.randrange(len(running)))
        finished.append(node)
        schedule.done(node)
    assert sorted(node.id for node in finished) == [node.id for node in graph]


@given(graphs(), st.data())
def test_a_failure_skips_exactly_what_depends_on_it(graph, data):
    failing = data.draw(st.sets(st.sampled_from([node.id for node in graph]))) if graph else set()
    schedule = Schedule(graph)
    done, skipped = set(), []
    while node := schedule.take():
        if node.id in failing:
            skipped += [other.id for other in schedule.failed(node)]
        else:
            done.add(node.id)
            schedule.done(node)
    doomed = set()
    for node in graph:
        if any(before in doomed or before in failing for before in node.after):
            doomed.add(node.id)
    assert set(skipped) == doomed
    assert len(skipped) == len(doomed)
    assert done == {node.id for node in graph} - failing - doomed


def test_of_those_that_may_start_the_first_in_the_plan_is_taken_first():
    graph = (Node(node_id(0), (), ()), Node(node_id(1), (), (node_id(0),)), Node(node_id(2), (), ()))
    schedule = Schedule(graph)
    first = schedule.take()
    assert first is graph[0]
    schedule.done(graph[0])
    assert schedule.take() is graph[1]
    assert schedule.take() is graph[2]
    assert schedule.take() is None
