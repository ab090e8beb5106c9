"""The cluster of the other tests does what they rely on."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cluster import control_plane
from tests.e2e.cluster.authority import Authority
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.commands import CommandError
from tests.e2e.cluster.waiting import eventually
from tests.e2e.refusing import refusing_webhook

GROUP = "e2e.example.com"
MERGE_PATCH = "application/merge-patch+json"
PLURAL = f"widgets.{GROUP}"
ROOT = Path(__file__).parents[2]
STARTER = """
import json, sys
from tests.e2e.cluster.audit import Request
from tests.e2e.cluster.authority import Authority
from tests.e2e.cluster.cluster import Cluster
cluster = Cluster.start(controllers=False)
print(json.dumps({"pids": list(cluster.pids.values()), "folder": str(cluster.folder)}), flush=True)
sys.stdin.read()
"""


def widget(namespace: str, name: str, **spec):
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Widget",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def config_map(name: str, **metadata):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}, "data": {"kept": "yes"}}


@pytest.fixture
def widgets(cluster: Cluster):
    """A custom resource whose size must be even and may not change."""
    spec = {
        "type": "object",
        "required": ["size"],
        "properties": {"size": {"type": "integer"}},
        "x-kubernetes-validations": [
            {"rule": "self.size % 2 == 0", "message": "the size must be even"},
            {"rule": "self.size == oldSelf.size", "message": "the size may not change"},
        ],
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
    }
    cluster.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": PLURAL},
            "spec": {
                "group": GROUP,
                "names": {"kind": "Widget", "plural": "widgets"},
                "scope": "Namespaced",
                "versions": [version],
            },
        }
    )
    cluster.kubectl("wait", "--for=condition=Established", f"crd/{PLURAL}", "--timeout=30s")
    yield
    cluster.kubectl("delete", "crd", PLURAL, "--timeout=30s")


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A chart of one template."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 0.1.0\n")
    (tmp_path / "templates" / "all.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {told: '{{ .Values.told }}'}\n"
    )
    return tmp_path


def test_the_server_is_of_the_version_that_is_built(cluster):
    told = json.loads(cluster.kubectl("version", "-ojson").stdout)
    major, minor, _ = control_plane.version().removeprefix("v").split(".")
    server = told["serverVersion"]
    assert (server["gitVersion"], server["major"], server["minor"]) == (control_plane.version(), major, minor)
    assert abs(int(told["clientVersion"]["minor"]) - int(minor)) <= 1


def test_a_rule_in_cel_refuses_a_new_object_with_its_message(cluster, namespace, widgets):
    with pytest.raises(CommandError, match="the size must be even"):
        cluster.apply(widget(namespace, "odd", size=3))


def test_a_rule_in_cel_refuses_a_change_with_its_message(cluster, namespace, widgets):
    cluster.apply(widget(namespace, "even", size=2))
    with pytest.raises(CommandError, match="the size may not change"):
        cluster.apply(widget(namespace, "even", size=4))
    assert cluster.get(PLURAL, "even", namespace=namespace)["spec"] == {"size": 2}


def test_an_admission_policy_in_cel_refuses_with_its_message(cluster, namespace):
    rule = {"expression": "has(object.data)", "message": "an empty config map helps nobody"}
    match = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    group = "admissionregistration.k8s.io/v1"
    cluster.apply(
        {
            "apiVersion": group,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": namespace},
            "spec": {"matchConstraints": {"resourceRules": [match]}, "validations": [rule]},
        },
        {
            "apiVersion": group,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": namespace},
            "spec": {
                "policyName": namespace,
                "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": here},
            },
        },
    )

    def refused() -> bool:
        command = ("create", "configmap", "empty", f"--namespace={namespace}", "--dry-run=server")
        return rule["message"] in cluster.kubectl(*command, check=False).stderr

    try:
        eventually(refused, what="the policy is obeyed")
    finally:
        kinds = "validatingadmissionpolicies,validatingadmissionpolicybindings"
        cluster.kubectl("delete", kinds, namespace)


def test_a_service_account_may_do_what_its_role_says_and_no_more(cluster, namespace):
    cluster.kubectl("create", "serviceaccount", "reader", f"--namespace={namespace}")
    kubeconfig = cluster.kubeconfig_for(cluster.token_for(namespace, "reader"), namespace=namespace)
    refused = cluster.kubectl("get", "configmaps", kubeconfig=kubeconfig, check=False)
    assert refused.returncode == 1
    assert f'User "system:serviceaccount:{namespace}:reader" cannot list resource "configmaps"' in refused.stderr
    cluster.kubectl("create", "role", "reads", "--verb=list", "--resource=configmaps", f"--namespace={namespace}")
    account = f"--serviceaccount={namespace}:reader"
    cluster.kubectl("create", "rolebinding", "reads", "--role=reads", account, f"--namespace={namespace}")
    eventually(lambda: cluster.kubectl("get", "configmaps", kubeconfig=kubeconfig), what="the role is obeyed")
    assert cluster.kubectl("get", "secrets", kubeconfig=kubeconfig, check=False).returncode == 1


def test_the_requests_of_a_service_account_are_on_record(cluster, namespace):
    cluster.kubectl("create", "serviceaccount", "asker", f"--namespace={namespace}")
    api = cluster.api_for(cluster.token_for(namespace, "asker"))
    user = f"system:serviceaccount:{namespace}:asker"
    api.call("GET", f"/api/v1/namespaces/{namespace}/secrets")
    api.call("PATCH", f"/apis/apps/v1/namespaces/{namespace}/deployments/shop/status", {}, media_type=MERGE_PATCH)
    eventually(lambda: len(cluster.requests(user)) == 2, what="both are on record")
    asked = cluster.requests(user)
    assert [(one.verb, one.resource, one.namespace, one.name, one.code, one.forbidden) for one in asked] == [
        ("list", "secrets", namespace, "", 403, True),
        ("patch", "deployments.apps/status", namespace, "shop", 403, True),
    ]
    assert [request.writes for request in asked] == [False, True]


def test_a_webhook_behind_a_service_is_asked_by_the_service_s_address(cluster, namespace):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "hook"}, "spec": {"ports": [{"port": 9443}]}}
    cluster.apply(service, namespace=namespace)
    address = cluster.get("service", "hook", namespace=namespace)["spec"]["clusterIP"]
    authority = Authority.make()
    refusing = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": namespace},
        "webhooks": [
            {
                "name": "refuses.e2e.example.com",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "clientConfig": {
                    "service": {"namespace": namespace, "name": "hook", "port": 9443},
                    "caBundle": base64.b64encode(authority.certificate).decode(),
                },
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]},
                ],
            }
        ],
    }
    with refusing_webhook((address, 9443), authority.issue(f"hook.{namespace}.svc"), "nothing is good enough"):
        cluster.apply(refusing)
        command = ("create", "configmap", "any", f"--namespace={namespace}", "--dry-run=server")
        try:
            eventually(
                lambda: "nothing is good enough" in cluster.kubectl(*command, check=False).stderr,
                what="the webhook is asked",
            )
        finally:
            cluster.kubectl("delete", "validatingwebhookconfiguration", namespace)


def test_nobody_is_let_in_without_a_token(cluster):
    assert cluster.api_for("").call("GET", "/api").status == 401
    assert cluster.api_for("guessed").call("GET", "/api").status == 401


def test_a_deleted_namespace_goes_with_everything_in_it(cluster):
    cluster.kubectl("create", "namespace", "short-lived")
    cluster.apply(config_map("in-it"), namespace="short-lived")
    cluster.kubectl("delete", "namespace", "short-lived", "--timeout=60s")
    assert cluster.api.call("GET", "/api/v1/namespaces/short-lived").status == 404


def test_what_is_owned_goes_with_its_owner(cluster, namespace):
    cluster.apply(config_map("owner"), namespace=namespace)
    uid = cluster.get("configmap", "owner", namespace=namespace)["metadata"]["uid"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}
    cluster.apply(config_map("owned", ownerReferences=[reference]), namespace=namespace)
    cluster.kubectl("delete", "configmap", "owner", f"--namespace={namespace}")
    path = f"/api/v1/namespaces/{namespace}/configmaps/owned"
    eventually(lambda: cluster.api.call("GET", path).status == 404, what="the owned config map is gone")


def test_a_killed_api_server_comes_back_with_its_objects(cluster, namespace):
    cluster.apply(config_map("before"), namespace=namespace)
    before = cluster.pids
    cluster.restart_apiserver()
    assert cluster.get("configmap", "before", namespace=namespace)["data"] == {"kept": "yes"}
    changed = {name for name, pid in cluster.pids.items() if before[name] != pid}
    assert changed == {"kube-apiserver"}
    cluster.apply(config_map("after"), namespace=namespace)


def test_a_killed_api_server_is_not_there(cluster):
    cluster.kill_apiserver()
    try:
        assert not cluster.api.answers("/readyz")
    finally:
        cluster.start_apiserver()


def test_helm_installs_upgrades_and_uninstalls(cluster, namespace, chart):
    told = []
    for command, value in (("install", "first"), ("upgrade", "second")):
        cluster.helm(command, "small", chart, f"--namespace={namespace}", f"--set=told={value}")
        told.append(cluster.get("configmap", "small", namespace=namespace)["data"]["told"])
    assert told == ["first", "second"]
    cluster.helm("uninstall", "small", f"--namespace={namespace}")
    assert cluster.kubectl("get", "configmap", "small", f"--namespace={namespace}", check=False).returncode == 1


def test_credentials_are_readable_by_their_owner_alone(cluster):
    files = [cluster.admin, *(cluster.folder / "credentials").iterdir()]
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_a_cluster_does_not_outlive_whoever_started_it():
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as starter:
        told = json.loads(starter.stdout.readline())
        assert [pid for pid in told["pids"] if not runs(pid)] == []
        starter.kill()
    try:
        eventually(lambda: not any(map(runs, told["pids"])), what="its processes are gone")
    finally:
        shutil.rmtree(told["folder"])


def runs(pid: int) -> bool:
    """Whether there is such a process that is not dead, be it that nobody has asked how it ended."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
