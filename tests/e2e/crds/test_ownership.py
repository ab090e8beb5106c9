"""Several field managers at one object, by server-side apply."""

from __future__ import annotations

import pytest

from tests.e2e.cluster.commands import CommandError
from tests.e2e.crds.definitions import applied, manifest

SHARED = {
    "tags": ("Key", {"tags": {"team": "payments"}}, {"tags": {"cost-centre": "7"}}, "tags"),
    "aliases": ("Key", {"aliases": ["orders"]}, {"aliases": ["orders-v2"]}, "aliases"),
    "users": ("KeyPolicy", {"users": ["role/a"]}, {"users": ["role/b"]}, "users"),
    "operations": (
        "Grant",
        {"keyRef": {"name": "k"}, "granteePrincipal": "role/x", "operations": ["Decrypt"]},
        {"operations": ["Encrypt"]},
        "operations",
    ),
}


@pytest.mark.parametrize(("kind", "one", "other", "field"), SHARED.values(), ids=SHARED)
def test_two_managers_own_entries_of_one_field_without_conflict(cluster, namespace, kind, one, other, field):
    applied(cluster, namespace, "one", manifest(kind, **one))
    applied(cluster, namespace, "other", manifest(kind, **{**one, **other, field: other[field]}))
    there = cluster.get(kind, "k", namespace=namespace)["spec"][field]
    assert sorted(there) == sorted([*one[field], *other[field]])
    applied(
        cluster,
        namespace,
        "other",
        manifest(kind, **{name: one[name] for name in one if name != field}, **{field: one[field]}),
    )
    assert sorted(cluster.get(kind, "k", namespace=namespace)["spec"][field]) == sorted(one[field])


def test_two_managers_of_one_value_are_a_conflict(cluster, namespace):
    applied(cluster, namespace, "one", manifest("Key", tags={"team": "payments"}))
    with pytest.raises(CommandError, match=r'conflict with "one": .spec.tags.team'):
        applied(cluster, namespace, "other", manifest("Key", tags={"team": "orders"}))


def test_a_reference_is_one_value(cluster, namespace):
    applied(cluster, namespace, "one", manifest("Key", policyRef={"name": "a"}))
    with pytest.raises(CommandError, match=r'conflict with "one": .spec.policyRef'):
        applied(cluster, namespace, "other", manifest("Key", policyRef={"name": "b"}))


def test_what_is_declared_stays_as_it_was_written(cluster, namespace):
    document = {"Statement": [{"Effect": "Allow", "Unknown": {"x": [1, True, None]}}]}
    spec = {"policy": {"document": document}, "rotation": {"automatic": {}}, "driftPolicy": "Report"}
    applied(cluster, namespace, "one", manifest("Key", **spec))
    assert cluster.get("key", "k", namespace=namespace)["spec"] == spec
