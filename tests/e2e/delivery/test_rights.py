"""What the chart's roles let the operator, and people, do in a real cluster."""

from __future__ import annotations

import pytest

from tests.e2e.cluster.waiting import eventually
from tests.e2e.delivery.conftest import PLACE
from tests.operator_delivery.files import BASE, rules

ALLOWED = sorted(set(rules(BASE / "rbac.yaml")))
CLUSTER_SCOPED = ("targets.", "targets/")
LEASE = "leases.coordination.k8s.io"
NOT_ALLOWED = [
    ("get", "keys.kms.reconciler.dev"),
    ("create", "keys.kms.reconciler.dev"),
    ("delete", "keys.kms.reconciler.dev"),
    ("update", "keys.kms.reconciler.dev"),
    ("update", "keys/status.kms.reconciler.dev"),
    ("patch", "keypolicies.kms.reconciler.dev"),
    ("get", "secrets"),
    ("list", "secrets"),
    ("watch", "secrets"),
    ("get", "configmaps"),
    ("list", "pods"),
    ("create", "pods"),
    ("delete", "events.events.k8s.io"),
    ("create", "events"),
    ("get", LEASE),
]
NOT_ALLOWED_IN_THE_CLUSTER = [
    ("update", "targets.kms.reconciler.dev"),
    ("delete", "targets.kms.reconciler.dev"),
    ("list", "namespaces"),
    ("list", "customresourcedefinitions.apiextensions.k8s.io"),
    ("patch", "customresourcedefinitions.apiextensions.k8s.io"),
    ("escalate", "clusterroles.rbac.authorization.k8s.io"),
    ("bind", "clusterroles.rbac.authorization.k8s.io"),
    ("impersonate", "users"),
]


def name_of(value):
    return value or None


@pytest.fixture(scope="module")
def everywhere(release):
    """A release that serves all namespaces."""
    release.install({"secrets": {"credentials": ["aws"]}})
    return release


@pytest.mark.parametrize(("verb", "resource", "name"), ALLOWED, ids=name_of)
def test_the_operator_may_do_what_the_page_says(everywhere, verb, resource, name):
    namespace = PLACE if resource == LEASE else "" if resource.startswith(CLUSTER_SCOPED) else "payments"
    assert everywhere.can(verb, resource, namespace=namespace, name=name)


@pytest.mark.parametrize(("verb", "resource"), NOT_ALLOWED, ids=name_of)
def test_the_operator_may_not_do_more_in_a_namespace(everywhere, verb, resource):
    assert not everywhere.can(verb, resource, namespace="payments")


@pytest.mark.parametrize(("verb", "resource"), NOT_ALLOWED_IN_THE_CLUSTER, ids=name_of)
def test_the_operator_may_not_do_more_in_the_cluster(everywhere, verb, resource):
    assert not everywhere.can(verb, resource)


def test_only_its_own_lease_is_the_operator_s(everywhere):
    assert not everywhere.can("update", LEASE, namespace=PLACE, name="somebody-else")
    assert not everywhere.can("delete", LEASE, namespace=PLACE, name="kmsctl-operator")


def test_only_the_secrets_that_are_named_can_be_read(everywhere):
    assert everywhere.can("get", "secrets", namespace=PLACE, name="aws")
    assert not everywhere.can("get", "secrets", namespace=PLACE, name="other")
    assert not everywhere.can("get", "secrets", namespace="payments", name="aws")


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        pytest.param(
            "view",
            [("list", "keys.kms.reconciler.dev")],
            [("create", "keys.kms.reconciler.dev"), ("list", "targets.kms.reconciler.dev")],
            id="view",
        ),
        pytest.param(
            "edit",
            [("list", "keys.kms.reconciler.dev"), ("create", "grants.kms.reconciler.dev")],
            [("patch", "keys/status.kms.reconciler.dev"), ("create", "targets.kms.reconciler.dev")],
            id="edit",
        ),
        pytest.param(
            "admin",
            [("delete", "keys.kms.reconciler.dev"), ("patch", "aliases.kms.reconciler.dev")],
            [("patch", "keys/status.kms.reconciler.dev"), ("patch", "targets.kms.reconciler.dev")],
            id="admin",
        ),
    ],
)
def test_people_get_what_their_role_is_in_their_namespace(everywhere, cluster, role, allowed, refused):
    cluster.kubectl(
        "create", "rolebinding", f"ann-{role}", f"--clusterrole={role}", f"--user=ann-{role}", "-n=payments"
    )
    user = f"ann-{role}"

    def may(verb, resource, namespace="payments"):
        return everywhere.can(verb, resource, namespace=namespace, user=user)

    for verb, resource in allowed:
        eventually(lambda verb=verb, resource=resource: may(verb, resource), what=f"{role} may {verb} {resource}")
        assert not may(verb, resource, "orders")
    for verb, resource in refused:
        assert not may(verb, resource)


def test_with_watched_namespaces_the_operator_has_rights_there_alone(everywhere):
    everywhere.install({"watchNamespaces": ["payments"], "secrets": {"namespaced": [{"namespace": "payments"}]}})
    for verb, resource in (("list", "keys.kms.reconciler.dev"), ("patch", "keys/status.kms.reconciler.dev")):
        assert everywhere.can(verb, resource, namespace="payments")
        assert not everywhere.can(verb, resource, namespace="orders")
        assert not everywhere.can(verb, resource)
    assert everywhere.can("list", "targets.kms.reconciler.dev")
    assert everywhere.can("create", "events.events.k8s.io", namespace="default")
    assert everywhere.can("get", "secrets", namespace="payments", name="any")
    assert not everywhere.can("list", "secrets", namespace="payments")
    everywhere.install({"secrets": {"credentials": ["aws"]}})
