"""Events as a real API server takes them, with no more rights than the chart gives."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from reconciler.controller.cluster.events import Recorder
from reconciler.controller.cluster.login import connect
from reconciler.controller.cluster.refs import ObjectRef
from reconciler.kit.clock import SystemClock
from tests.e2e.cluster.cluster import Cluster

RULES = [{"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}]


@dataclass(frozen=True)
class Event:
    type: str
    reason: str
    message: str


def operator_of(cluster: Cluster, namespace: str) -> str:
    """The path of a kubeconfig of an account that may tell events."""
    rbac = "rbac.authorization.k8s.io"
    cluster.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "operator"}},
        {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "events"}, "rules": RULES},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "events"},
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "events"},
            "subjects": [{"kind": "ServiceAccount", "name": "operator", "namespace": namespace}],
        },
        namespace=namespace,
    )
    return str(cluster.kubeconfig_for(cluster.token_for(namespace, "operator"), namespace=namespace))


def test_an_event_and_its_series_are_what_the_api_takes(cluster: Cluster, namespace: str, monkeypatch, caplog):
    monkeypatch.setenv("KUBECONFIG", operator_of(cluster, namespace))

    async def story():
        async with connect() as api:
            recorder = Recorder(api, "kms.reconciler.dev/kmsctl-operator", "pod-1", clock=SystemClock())
            ref = ObjectRef("Key", namespace, "orders")
            for _ in range(3):
                recorder.tell(ref, "6f1c0000-0000-4000-8000-000000000000", [Event("Warning", "Failed", "x" * 3_000)])
            recorder.tell(ref, "6f1c0000-0000-4000-8000-000000000000", [Event("Normal", "Created", "created key 1234")])
            await recorder.stop()

    asyncio.run(story())
    assert "lost" not in caplog.text
    listed = cluster.kubectl("get", "events.events.k8s.io", "-n", namespace, "-o", "json").stdout
    events = {event["reason"]: event for event in json.loads(listed)["items"]}
    assert set(events) == {"Failed", "Created"}
    assert events["Failed"]["series"]["count"] == 3
    assert events["Created"]["note"] == "created key 1234"
    shown = cluster.kubectl("events", "-n", namespace).stdout
    assert "created key 1234" in shown
    assert "(x3 over" in shown
