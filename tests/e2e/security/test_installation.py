"""The chart installed for real, and the operator under its service account: nothing more is needed, for any kind."""

from __future__ import annotations

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.rights import let_read_secrets
from tests.e2e.security.everything import all_ready, apply_all

KINDS = ("accesstests", "aliases", "customkeystores", "grants", "keypolicies", "keys", "replicakeys", "targets")


def test_every_kind_works_under_the_rights_of_the_chart_and_nothing_is_denied(cluster, installation, place):
    let_read_secrets(cluster, place.namespace)
    apply_all(place)
    all_ready(place)
    place.annotate("Alias", "current", deletion_policy="Delete")
    for kind, name in (("Alias", "current"), ("Grant", "report"), ("ReplicaKey", "orders-west"), ("Key", "cards")):
        place.delete(kind, name)
        place.gone(kind, name)
    assert "alias/orders/current" not in place.account.aliases()
    assert installation.denied() == []


def test_the_operator_asks_for_no_secret_of_a_namespace_in_which_none_is_named(installation, place):
    place.apply({"apiVersion": "kms.reconciler.dev/v1alpha1", "kind": "Key", "metadata": {"name": "plain"}, "spec": {}})
    place.ready("Key", "plain")
    asked = [request for request in installation.requests() if request.resource == "secrets"]
    assert {request.namespace for request in asked if request.namespace == place.namespace} == set()
    assert {request.verb for request in asked} == {"get"}


def test_the_operator_calls_itself_by_name(installation, operator):
    eventually(lambda: operator.leads, what="it leads")
    ours = [request for request in installation.requests() if request.resource.split(".")[0] in KINDS]
    assert {request.agent.partition("/")[0] for request in ours if request.writes} <= {"kmsctl-operator"}
