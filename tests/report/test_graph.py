"""What rests on what, drawn."""

from __future__ import annotations

import re

from reconciler.model.address import Kind
from reconciler.model.desired import (
    DesiredAlias,
    DesiredGrant,
    DesiredKey,
    DesiredState,
    ExternalKey,
    ExternalPrimary,
    ManagedKey,
)
from reconciler.model.identifiers import RUN_TARGET, AliasName
from reconciler.report import dot, mermaid  # noqa: F401  the packages of the formats
from reconciler.report.dot import graph as as_dot
from reconciler.report.graph import Edge, Graph, Node, Shape, graph_of
from reconciler.report.mermaid import graph as as_mermaid
from tests.report import basics, hostile
from tests.report.basics import LEDGER, ORDERS, TERMS, address, at

EXTERNAL = ExternalKey("arn:aws:kms:us-east-1:999988887777:key/x")
DESIRED = DesiredState(
    basics.STACK,
    (DesiredKey(ORDERS, at(4)), DesiredKey(LEDGER, at(31))),
    (
        DesiredAlias(address(Kind.ALIAS, "orders"), at(12), AliasName("alias/orders"), ManagedKey(ORDERS)),
        DesiredAlias(address(Kind.ALIAS, "theirs"), at(13), AliasName("alias/theirs"), EXTERNAL),
    ),
    (DesiredGrant(address(Kind.GRANT, "ledger-app"), at(90), ManagedKey(LEDGER), TERMS),),
)


def test_what_manifests_declare_is_drawn_for_graphviz(snapshot):
    assert as_dot.render(graph_of(DESIRED)) == snapshot


def test_what_manifests_declare_is_drawn_for_mermaid(snapshot):
    assert as_mermaid.render(graph_of(DESIRED)) == snapshot


def test_an_edge_to_what_is_not_drawn_is_left_out():
    assert Graph((Node("a", Shape.KEY, "a"),), (Edge("a", "b"), Edge("b", "a"))).edges == ()


def test_a_node_that_is_named_twice_is_drawn_once():
    node = Node("a", Shape.KEY, "a")
    assert Graph((node, node)).nodes == (node,)


def test_a_hostile_label_stays_inside_its_quotation_marks_in_dot():
    for line in as_dot.render(hostile.graph()).splitlines()[2:6]:
        assert re.fullmatch(r'  n\d \[label="(?:[^"\\]|\\["\\])*", shape=\w+(, style=("[\w,]+"|\w+))?\];', line)


def test_a_hostile_label_stays_inside_its_quotation_marks_in_mermaid():
    for line in as_mermaid.render(hostile.graph()).splitlines()[1:5]:
        assert re.fullmatch(r'  n\d\W{1,2}"(?:[\w ./@:+-]|#\d+;)*"\W{1,2}', line, re.ASCII)


def test_a_replica_rests_on_its_primary_whoever_declares_it():
    replica = DesiredKey(address(Kind.REPLICA_KEY, "orders-eu", basics.EU), at(1), primary=ManagedKey(ORDERS))
    other = DesiredKey(
        address(Kind.REPLICA_KEY, "theirs-eu", basics.EU), at(2), primary=ExternalPrimary(RUN_TARGET, "arn:theirs")
    )
    graph = graph_of(DesiredState("s", (DesiredKey(ORDERS, at(3)), replica, other)))
    assert set(graph.edges) == {
        Edge(str(replica.address), str(ORDERS)),
        Edge(str(other.address), "arn:theirs"),
    }
    assert Node("arn:theirs", Shape.EXTERNAL, "arn:theirs") in graph.nodes
