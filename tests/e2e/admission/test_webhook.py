"""The webhook, asked by a real API server through the configuration of the chart."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.controller.admission.neighbourhood import Known
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from tests.e2e.admission.serving import serving_webhook
from tests.e2e.cluster.authority import Authority
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.waiting import eventually
from tests.e2e.crds.definitions import NAMES, installed, manifest
from tests.e2e.delivery.charts import of_kind, only, template

MERGE = "application/merge-patch+json"
FAULTY = manifest("Key", "faulty", policy={"users": ["payments"]})
SOUND = manifest("Key", "sound", policy={"users": ["role/payments"]})


@pytest.fixture(scope="module", autouse=True)
def crds(cluster: Cluster):
    with installed(cluster):
        yield


@dataclass
class Webhook:
    """The configuration and the service of one namespace."""

    cluster: Cluster
    namespace: str
    address: str
    certificates: Path
    authority: Authority

    @property
    def host(self) -> str:
        return f"kmsctl-webhook.{self.namespace}.svc"

    def known(self) -> Known:
        targets = {"default": Target(TargetName("default"), region="eu-central-1", allowed_namespaces=("elsewhere",))}
        return Known(lambda: targets, "default", lambda _: set())

    def serving(self):
        return serving_webhook((self.address, 443), self.certificates, self.known())

    def write_certificate(self) -> None:
        issued = self.authority.issue(self.host)
        (self.certificates / "tls.crt").write_bytes(issued.certificate)
        (self.certificates / "tls.key").write_bytes(issued.key)

    def apply(self, *objects, check=False):
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        where = f"--namespace={self.namespace}"
        return self.cluster.kubectl("apply", where, "--filename=-", input=listed, check=check)

    def asked(self) -> bool:
        return self.apply(FAULTY).returncode != 0


@pytest.fixture
def webhook(cluster: Cluster, namespace: str, tmp_path: Path):
    """The chart's configuration, for the objects of one namespace alone."""
    objects = template(tmp_path, {"webhook": {"enabled": True}})
    service = next(each for each in of_kind(objects, "Service") if each["metadata"]["name"] == "kmsctl-webhook")
    service["metadata"]["namespace"] = namespace
    cluster.apply(service)
    found = cluster.get("service", "kmsctl-webhook", namespace=namespace)["spec"]
    assert [port["port"] for port in found["ports"]] == [443]
    hook = Webhook(cluster, namespace, found["clusterIP"], tmp_path, Authority.make())
    hook.write_certificate()
    configuration = only(objects, "ValidatingWebhookConfiguration")
    configuration["metadata"]["name"] = namespace
    (rule,) = configuration["webhooks"]
    rule["clientConfig"]["service"]["namespace"] = namespace
    rule["clientConfig"]["caBundle"] = base64.b64encode(hook.authority.certificate).decode()
    mine = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [namespace]}
    rule["namespaceSelector"]["matchExpressions"].append(mine)
    cluster.apply(configuration)
    yield hook
    cluster.kubectl("delete", "validatingwebhookconfiguration", namespace)


def test_a_faulty_object_is_refused_with_its_field_and_a_sound_one_is_taken(webhook):
    with webhook.serving():
        eventually(webhook.asked, what="the webhook is asked")
        refused = webhook.apply(FAULTY)
        assert refused.returncode == 1
        assert 'The Key "faulty" is invalid: spec.policy.users[0]: ' in refused.stderr
        assert (
            "payments is no principal that a role can have: KMS would refuse the policy; use an ARN" in refused.stderr
        )
        taken = webhook.apply(SOUND)
        assert taken.returncode == 0
        assert (
            f"Warning: Key/sound: the Target default does not serve the namespace {webhook.namespace}" in taken.stderr
        )


def test_references_may_come_in_any_order(webhook):
    alias = {**manifest("Alias", "a"), "spec": {"name": "a", "keyRef": {"name": "later"}}}
    with webhook.serving():
        eventually(webhook.asked, what="the webhook is asked")
        done = webhook.apply(alias)
        assert done.returncode == 0
        assert "Warning: Alias/a: there is no Key later yet; nothing is done before there is" in done.stderr


def test_what_is_stored_already_can_be_annotated_finalized_and_deleted_however_faulty(webhook):
    cluster, namespace = webhook.cluster, webhook.namespace
    webhook.apply(FAULTY, check=True)  # while nobody answers: failurePolicy Ignore
    path = f"/apis/kms.reconciler.dev/v1alpha1/namespaces/{namespace}/keys/faulty"
    with webhook.serving():
        eventually(lambda: webhook.apply({**FAULTY, "metadata": {"name": "other"}}).returncode, what="it is asked")
        finalizer = {"metadata": {"finalizers": ["kms.reconciler.dev/finalizer"]}}
        assert cluster.api.call("PATCH", path, finalizer, media_type=MERGE).status == 200
        status = {"status": {"observedGeneration": 1}}
        assert cluster.api.call("PATCH", f"{path}/status", status, media_type=MERGE).status == 200
        assert cluster.api.call("DELETE", path).status == 200
        assert cluster.api.call("PATCH", path, {"metadata": {"finalizers": None}}, media_type=MERGE).status == 200
        assert cluster.api.call("GET", path).status == 404


def test_a_renewed_certificate_is_used_without_a_restart(webhook):
    cluster = webhook.cluster
    with webhook.serving():
        eventually(webhook.asked, what="the webhook is asked")
        webhook.authority = Authority.make()
        webhook.write_certificate()
        bundle = base64.b64encode(webhook.authority.certificate).decode()
        patch = [{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": bundle}]
        name = webhook.namespace
        cluster.kubectl("patch", "validatingwebhookconfiguration", name, "--type=json", f"--patch={json.dumps(patch)}")
        eventually(webhook.asked, what="the webhook is asked with the new certificate")


def test_argo_cd_takes_the_health_script_as_a_part_of_its_configuration(cluster, namespace):
    folder = Path(__file__).parents[3] / "operator" / "argocd"
    mine = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm"}, "data": {"url": "kept"}}
    cluster.apply(mine, namespace=namespace)
    part = cluster.kubectl("kustomize", folder).stdout.replace("namespace: argocd", f"namespace: {namespace}")
    where = ("configmap", "argocd-cm", f"--namespace={namespace}", "--type=merge")
    cluster.kubectl("patch", *where, f"--patch={part}")
    data = cluster.get("configmap", "argocd-cm", namespace=namespace)["data"]
    assert data["url"] == "kept"
    script = (folder / "health.lua").read_text(encoding="utf-8")
    assert data["resource.customizations.health.kms.reconciler.dev_Key"] == script
    healths = [name for name in data if name.startswith("resource.customizations.health.")]
    assert len(healths) == len(NAMES)
