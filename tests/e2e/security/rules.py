"""What the roles of a release allow, taken apart and put together again without one of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.cluster.cluster import Cluster
from tests.operator_delivery.files import BASE, rules

Body = dict[str, Any]
_PARTS = ("apiGroups", "resources", "verbs")


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One verb on one resource, such as `patch` on `keys.kms.reconciler.dev/status`."""

    verb: str
    resource: str
    """As the audit log has it."""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"


def _named(plural: str, group: str) -> str:
    plural, slash, subresource = plural.partition("/")
    return ".".join(filter(None, (plural, group))) + slash + subresource


def _rule(verb: str, resource: str) -> Rule:
    plural, _, group = resource.partition(".")
    return Rule(verb, _named(plural, group))


RULES = sorted({_rule(verb, resource) for verb, resource, _ in rules(BASE / "rbac.yaml")} | {Rule("get", "secrets")})
"""All that the operator may do, where the Secrets of its namespace are opened to it."""


def rules_of(role: Body) -> set[Rule]:
    """What a Role or ClusterRole allows."""
    return {rule for one in _single(role) for rule in (_only(one),)}


def without(role: Body, rule: Rule) -> Body:
    """The role without one rule of it."""
    return {**role, "rules": [one for one in _single(role) if _only(one) != rule]}


@contextmanager
def removed(cluster: Cluster, rule: Rule, roles: list[Body]) -> Iterator[None]:
    """One rule is taken from `roles`, as they are in the cluster, for as long as a block lasts."""
    _put(cluster, [without(role, rule) for role in roles])
    yield
    _put(cluster, roles)


def roles_of(cluster: Cluster, namespace: str) -> list[Body]:
    """The roles of the release in `namespace` that its operator has, without what only the API server needs."""
    kinds = "clusterroles.rbac.authorization.k8s.io,roles.rbac.authorization.k8s.io"
    found = cluster.get(kinds, "--selector=app.kubernetes.io/instance=kmsctl", namespace=namespace)["items"]
    return [_plain(role) for role in found if not role["metadata"]["name"].endswith(("-view", "-edit"))]


def _plain(role: Body) -> Body:
    metadata = {name: role["metadata"][name] for name in ("name", "namespace") if name in role["metadata"]}
    return {**{name: role[name] for name in ("apiVersion", "kind", "rules")}, "metadata": metadata}


def _single(role: Body) -> Iterator[Body]:
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    yield {**rule, **dict(zip(_PARTS, ([group], [resource], [verb]), strict=True))}


def _only(rule: Body) -> Rule:
    ((group,), (resource,), (verb,)) = (rule[part] for part in _PARTS)
    return Rule(verb, _named(resource, group))


def _put(cluster: Cluster, roles: list[Body]) -> None:
    for role in roles:
        metadata = role["metadata"]
        plural = f"{role['kind'].lower()}s"
        where = f"namespaces/{metadata['namespace']}/{plural}" if "namespace" in metadata else plural
        path = f"/apis/rbac.authorization.k8s.io/v1/{where}/{metadata['name']}"
        patch = {"rules": role["rules"]}
        answer = cluster.api.call("PATCH", path, patch, media_type="application/merge-patch+json")
        assert answer.status == 200, json.dumps(answer.body)
