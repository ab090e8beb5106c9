"""The operator as the installed Deployment would run it: its arguments, variables, rights and certificate."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cluster.api import Answer
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.child import KMSCTL, Child
from tests.e2e.controller.kms import REGION, Account, KmsServer
from tests.e2e.controller.people import ACCOUNTS, access_key
from tests.e2e.delivery.conftest import PLACE, Release
from tests.support.moto import free_port

USER = f"system:serviceaccount:{PLACE}:kmsctl"
KEY = {"apiVersion": "kms.reconciler.dev/v1alpha1", "kind": "Key", "metadata": {"name": "run"}, "spec": {}}
BAD = KEY | {"metadata": {"name": "bad"}, "spec": {"policy": {"document": "{"}}}
USED = {
    ("create", "leases.coordination.k8s.io"),
    ("get", "leases.coordination.k8s.io"),
    ("update", "leases.coordination.k8s.io"),
    ("create", "events.events.k8s.io"),
    ("get", "secrets"),
    ("list", "keys.kms.reconciler.dev"),
    ("watch", "keys.kms.reconciler.dev"),
    ("patch", "keys.kms.reconciler.dev"),
    ("patch", "keys.kms.reconciler.dev/status"),
    ("list", "targets.kms.reconciler.dev"),
    ("watch", "targets.kms.reconciler.dev"),
    ("patch", "targets.kms.reconciler.dev/status"),
}
"""What the operator cannot do without, to bring one Key to one Target."""


@pytest.fixture(scope="module")
def account(tmp_path_factory) -> Iterator[Account]:
    """An account of a KMS that verifies who calls."""
    server = KmsServer(tmp_path_factory.mktemp("aws") / "kms")
    server.start()
    yield Account(server, ACCOUNTS[0])
    server.stop()


@pytest.fixture(scope="module")
def values(account) -> dict[str, Any]:
    """One namespace, one Target with a Secret, and the webhook."""
    spec = {"backend": "aws", "region": REGION, "accountId": account.number, "endpointUrl": account.server.url}
    access = {"credentials": {"secretRef": {"name": "aws"}}, "allowedNamespaces": ["payments"]}
    return {
        "watchNamespaces": ["payments"],
        "webhook": {"enabled": True},
        "secrets": {"credentials": ["aws"]},
        "defaultTarget": {"create": True, "spec": spec | access},
        "operator": {"logFormat": "text"},
    }


def pod(release: Release, folder: Path) -> Child:
    """A container of the Deployment as a process of this machine, which has ports and folders of its own."""
    cluster = release.cluster
    (container,) = cluster.get("deployment", "kmsctl", namespace=PLACE)["spec"]["template"]["spec"]["containers"]
    for name, text in cluster.get("secret", "kmsctl-webhook", namespace=PLACE)["data"].items():
        (folder / name).write_bytes(base64.b64decode(text))
    address = cluster.get("service", "kmsctl-webhook", namespace=PLACE)["spec"]["clusterIP"]
    declared = {each["name"]: each["value"] for each in container["env"] if "value" in each}
    here = {
        "POD_NAME": "kmsctl-0",
        "POD_NAMESPACE": PLACE,
        "AWS_EC2_METADATA_DISABLED": "true",
        "KMSCTL_LISTEN": f"127.0.0.1:{free_port()}",
        "KMSCTL_WEBHOOK_LISTEN": f"{address}:443",
        "KMSCTL_WEBHOOK_CERT_DIR": str(folder),
    }
    config = cluster.kubeconfig_for(cluster.token_for(PLACE, "kmsctl"), namespace=PLACE)
    command = (KMSCTL, *container["args"])
    return Child("operator", command, folder, cluster.environment(config) | declared | here)


def ready(cluster, child: Child) -> str:
    """The id of the key of the object, once that is ready."""

    def probe() -> str:
        child.check()
        status = cluster.get("key", "run", namespace="payments").get("status", {})
        conditions = {each["type"]: each["status"] for each in status.get("conditions", ())}
        assert conditions.get("Ready") == "True", child.text()[-3000:]
        return str(status["keyId"])

    return eventually(probe, within=60, what="the Key is ready")


def test_what_the_chart_installs_runs_with_its_rights_alone_and_a_reinstalled_one_goes_on(
    cluster, release, account, values, tmp_path
):
    release.install(values)
    key, secret = access_key(account.number, "operator")
    credentials = {"aws_access_key_id": key, "aws_secret_access_key": secret}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "aws"}, "stringData": credentials}, namespace=PLACE
    )
    cluster.apply(KEY, namespace="orders")  # nobody serves this namespace
    assert asked(cluster).status == 201  # nobody serves the webhook yet, and failurePolicy is Ignore
    child = pod(release, tmp_path)
    child.start()
    try:
        cluster.apply(KEY, namespace="payments")
        key_id = ready(cluster, child)
        assert account.tags(key_id)["kms.reconciler.dev/stack"] == "test.payments"
        assert "finalizers" not in cluster.get("key", "run", namespace="orders")["metadata"]
        eventually(lambda: refused(cluster), what="the webhook is asked")
    finally:
        assert child.stop() == 0
    requests = [request for request in cluster.requests(USER) if not request.resource.startswith("/")]
    assert [request for request in requests if request.code in (401, 403)] == []
    assert {(request.verb, request.resource) for request in requests} >= USED

    release.uninstall()
    assert account.describe(key_id)["KeyState"] == "Enabled"
    release.install(values)
    child = pod(release, tmp_path)
    child.start()
    try:
        cluster.kubectl("patch", "key", "run", "-n=payments", "--type=merge", '-p={"spec":{"description":"again"}}')
        eventually(lambda: account.describe(key_id)["Description"] == "again", within=60, what="the key is changed")
        assert account.key_ids() == [key_id]
        cluster.kubectl("delete", "key", "run", "--namespace=payments", "--timeout=60s")
    finally:
        child.stop()
    assert account.describe(key_id)["KeyState"] == "Enabled"


def refused(cluster) -> bool:
    """Whether the webhook refuses what only it can refuse."""
    answer = asked(cluster)
    return answer.status == 422 and "validate.kms.reconciler.dev" in answer.body["message"]


def asked(cluster) -> Answer:
    """What the API server says of a Key whose policy is no JSON: its definition cannot see that."""
    return cluster.api.call("POST", "/apis/kms.reconciler.dev/v1alpha1/namespaces/payments/keys?dryRun=All", BAD)
