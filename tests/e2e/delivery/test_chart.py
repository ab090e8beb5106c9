"""The chart in a real cluster: what is installed, upgraded, and left."""

from __future__ import annotations

import base64
import copy
import json

import pytest
import yaml
from cryptography import x509

from reconciler.controller.cluster.refs import RESOURCES
from tests.e2e.cluster.client_programs import client_programs
from tests.e2e.cluster.commands import CommandError
from tests.e2e.delivery.charts import CHART, OPTIONS, TARGET, only, run, template, values_file
from tests.e2e.delivery.conftest import PLACE, VALUES

ALIASES = "aliases.kms.reconciler.dev"
FINALIZER = "kms.reconciler.dev/finalizer"
KEY = {
    "apiVersion": "kms.reconciler.dev/v1alpha1",
    "kind": "Key",
    "metadata": {"name": "orders", "namespace": "payments", "finalizers": [FINALIZER]},
    "spec": {"description": "kept"},
}
SAID_ELSEWHERE = {"crds", "defaultTarget", "replicas", "image"}
"""Values whose objects are installed for real below, or are not worth a test of their own here."""
ELSEWHERE = TARGET | {"region": "eu-west-1"}


@pytest.fixture(scope="module")
def installed(release):
    """The release, as every test finds and leaves it."""
    release.install()
    return release


@pytest.fixture
def key(cluster, installed):
    """An object that an operator looks after."""
    cluster.apply(KEY)
    yield cluster.get("key", "orders", namespace="payments")
    cluster.kubectl("patch", "key", "orders", "-n=payments", "--type=merge", '--patch={"metadata":{"finalizers":null}}')
    cluster.kubectl("delete", "key", "orders", "-n=payments")


@pytest.fixture(scope="module")
def place(cluster):
    """The namespace of the release, with the definitions in the cluster."""
    cluster.kubectl("create", "namespace", PLACE)
    cluster.kubectl("label", "namespace", PLACE, "pod-security.kubernetes.io/enforce=restricted")
    yield PLACE
    cluster.kubectl("delete", "namespace", PLACE, "--timeout=60s")


@pytest.mark.parametrize("name", [name for name, values in OPTIONS.items() if not set(values) & SAID_ELSEWHERE])
def test_the_api_server_takes_every_object_as_it_is_written(cluster, place, name, tmp_path):
    objects = template(tmp_path, OPTIONS[name] | {"crds": {"install": False}, "defaultTarget": {"create": False}})
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    said = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "--filename=-", input=listed)
    assert "Warning" not in said.stderr
    assert len(said.stdout.splitlines()) == len(objects)


def test_the_pods_are_let_into_a_namespace_that_enforces_the_restricted_standard(cluster, place, tmp_path):
    deployment = only(template(tmp_path, OPTIONS["webhook"]), "Deployment")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "operator", "namespace": PLACE},
        "spec": deployment["spec"]["template"]["spec"],
    }
    command = ("create", "--dry-run=server", "--filename=-")
    cluster.kubectl(*command, input=json.dumps(pod))
    weaker = copy.deepcopy(pod)
    del weaker["spec"]["containers"][0]["securityContext"]["capabilities"]
    assert "violates PodSecurity" in cluster.kubectl(*command, input=json.dumps(weaker), check=False).stderr


def test_an_upgrade_changes_the_target_and_definitions_and_keeps_objects_and_certificate(cluster, installed, key):
    target, secret = cluster.get("target", "default"), cluster.get("secret", "kmsctl-webhook", namespace=PLACE)
    older = json.dumps({"spec": {"names": {"shortNames": ["older"]}}})
    cluster.kubectl("patch", "crd", ALIASES, "--type=merge", f"--patch={older}")
    changed = VALUES | {"replicas": 3, "defaultTarget": {"create": True, "spec": ELSEWHERE}}
    installed.install(changed, "--force-conflicts")
    assert cluster.get("deployment", "kmsctl", namespace=PLACE)["spec"]["replicas"] == 3
    after = cluster.get("target", "default")
    assert (after["metadata"]["uid"], after["spec"]) == (target["metadata"]["uid"], ELSEWHERE)
    assert cluster.get("crd", ALIASES)["spec"]["names"]["shortNames"] == ["kalias"]
    assert cluster.get("secret", "kmsctl-webhook", namespace=PLACE)["data"] == secret["data"]
    assert cluster.get("key", "orders", namespace="payments") == key
    installed.install()


@pytest.mark.parametrize("side", [(), ("--server-side", "--force-conflicts")], ids=["client-side", "server-side"])
def test_what_was_installed_differs_in_nothing_from_what_is_rendered(cluster, installed, tmp_path, side):
    """As Argo CD compares: whatever the API server adds, the chart has to say nothing else."""
    file = values_file(tmp_path, VALUES)
    knows = "--api-versions=kms.reconciler.dev/v1alpha1/Target"
    release = ("kmsctl", CHART, f"--namespace={PLACE}", "--values", file)
    rendered = cluster.helm("template", *release, "--is-upgrade", "--dry-run=server", knows).stdout
    said = cluster.kubectl("diff", *side, "--filename=-", input=rendered, check=False)
    assert (said.returncode, said.stdout) == (0, ""), said.stderr


def test_an_upgrade_that_reuses_the_values_of_before_keeps_what_was_said(cluster, installed):
    before = cluster.get("deployment", "kmsctl", namespace=PLACE)["spec"]
    cluster.helm("upgrade", "kmsctl", CHART, f"--namespace={PLACE}", "--reuse-values")
    assert cluster.get("deployment", "kmsctl", namespace=PLACE)["spec"] == before


def test_uninstalling_leaves_definitions_targets_and_objects_and_a_new_release_goes_on(cluster, installed, key):
    target = cluster.get("target", "default")
    installed.uninstall()
    assert len(cluster.get("crd", "--selector=app.kubernetes.io/name=kmsctl")["items"]) == len(RESOURCES)
    left = "deployment,service,serviceaccount,secret,role,rolebinding,poddisruptionbudget"
    selector = "--selector=app.kubernetes.io/instance=kmsctl"
    assert cluster.get(left, selector, namespace=PLACE)["items"] == []
    assert cluster.get("clusterrole,clusterrolebinding,validatingwebhookconfiguration", selector)["items"] == []
    for again in (lambda: None, installed.install):
        again()
        assert cluster.get("key", "orders", namespace="payments") == key
        assert cluster.get("target", "default")["metadata"]["uid"] == target["metadata"]["uid"]


def test_another_release_does_not_take_the_definitions_over_by_accident(cluster, installed, tmp_path):
    file = values_file(tmp_path, {})
    command = ("install", "other", CHART, "--namespace=orders", "--values", file, "--dry-run=server")
    with pytest.raises(CommandError, match="invalid ownership metadata"):
        cluster.helm(*command)
    cluster.helm(*command, "--set=crds.install=false")


def test_the_certificate_is_of_the_service_that_the_api_server_calls(cluster, installed):
    secret = cluster.get("secret", "kmsctl-webhook", namespace=PLACE)["data"]
    authority, certificate = (
        x509.load_pem_x509_certificate(base64.b64decode(secret[name])) for name in ("ca.crt", "tls.crt")
    )
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert f"kmsctl-webhook.{PLACE}.svc" in names.get_values_for_type(x509.DNSName)
    (configuration,) = cluster.get("validatingwebhookconfiguration")["items"]
    (webhook,) = configuration["webhooks"]
    assert webhook["clientConfig"]["caBundle"] == secret["ca.crt"]


def test_kustomize_brings_the_same_into_a_cluster(cluster, place):
    base = CHART.parent / "kustomize" / "base"
    said = cluster.kubectl(
        "apply", "--server-side", "--dry-run=server", "--force-conflicts", "--kustomize", base
    ).stdout
    assert "deployment.apps/kmsctl serverside-applied (server dry run)" in said


def test_the_alerts_are_the_ones_that_the_chart_installs(tmp_path):
    rules = {"metrics": {"prometheusRule": {"enabled": True}}}
    rule = only(template(tmp_path, rules), "PrometheusRule")
    assert rule["spec"] == yaml.safe_load((CHART.parent / "monitoring" / "alerts.yaml").read_text(encoding="utf-8"))


def test_the_notes_say_what_is_missing(tmp_path):
    file = values_file(tmp_path, {})
    said = run(client_programs().helm, "install", "kmsctl", CHART, "--dry-run=client", "--values", file)
    assert 'a Target called "default"' in said
    assert "every namespace" in said
