"""What helm and kustomize make of the operator's files, before any cluster sees it."""

from __future__ import annotations

import re

import pytest
import yaml

from reconciler.controller.cluster.refs import RESOURCES
from tests.e2e.cluster.client_programs import client_programs
from tests.e2e.delivery.charts import (
    CHART,
    FOREIGN_OPTIONS,
    OPTIONS,
    RenderError,
    built,
    of_kind,
    only,
    rules,
    run,
    template,
    values_file,
)

ALL_OPTIONS = OPTIONS | FOREIGN_OPTIONS
OVERLAYS = ("base", "overlays/namespaced", "overlays/webhook-cert-manager", "overlays/aws-irsa")
WITHOUT_HELM = ("helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/version")
KEPT = {"helm.sh/resource-policy": "keep", "argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}
LIKE_THE_BASE = {"image": {"repository": "kmsctl"}}


@pytest.mark.parametrize("values", ALL_OPTIONS.values(), ids=ALL_OPTIONS)
def test_the_chart_passes_helm_lint_and_every_object_says_whose_it_is(values, tmp_path):
    said = run(client_programs().helm, "lint", "--strict", CHART, "--values", values_file(tmp_path, values))
    assert "0 chart(s) failed" in said
    for each in template(tmp_path, values):
        assert each["metadata"]["labels"]["app.kubernetes.io/instance"] == "kmsctl"
        assert each["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"clusterName": ""}, "clusterName: what this cluster is called", id="no cluster name"),
        pytest.param({"clusterName": "Prod"}, "/clusterName", id="a cluster name in capitals"),
        pytest.param({"image": {}}, "image.repository: where your build", id="no image"),
        pytest.param({"replica": 3}, "'replica' not allowed", id="a misspelt value"),
        pytest.param({"webhook": {"failurePolicy": "Never"}}, "failurePolicy", id="an unknown failure policy"),
        pytest.param({"operator": {"driftInterval": "ten minutes"}}, "driftInterval", id="no duration"),
        pytest.param({"terminationGracePeriodSeconds": 1}, "terminationGracePeriodSeconds", id="no time to stop in"),
        pytest.param(
            {"serviceAccount": {"create": False}}, "serviceAccount.name: say which one", id="no service account"
        ),
        pytest.param(
            {"webhook": {"enabled": True, "certificate": {"source": "existing"}}},
            "webhook.certificate.secretName",
            id="no secret",
        ),
        pytest.param(
            {"metrics": {"service": {"enabled": False}, "serviceMonitor": {"enabled": True}}},
            "needs metrics.service.enabled",
            id="a monitor of no service",
        ),
        pytest.param({"replicaCount": 3}, "here it is replicas", id="a name of other charts"),
        pytest.param(
            {"extraEnv": [{"name": "KMSCTL_WORKERS", "value": "4"}]}, "KMSCTL_WORKERS is there already", id="two values"
        ),
        pytest.param({"extraEnv": [{"name": "A"}, {"name": "A"}]}, "A is there already", id="a variable twice"),
        pytest.param(
            {"webhook": {"enabled": True, "certificate": {"source": "existing", "secretName": "tls"}}},
            "webhook.certificate.caBundle",
            id="a certificate that nobody trusts",
        ),
    ],
)
def test_values_that_make_no_sense_are_refused(values, message, tmp_path):
    with pytest.raises(RenderError, match=message):
        template(tmp_path, values)


@pytest.mark.parametrize(
    ("release", "name"),
    [
        pytest.param("k" * 53, "k" * 50, id="as long as helm allows"),
        pytest.param("team.keys", "team-keys-kmsctl", id="with a dot"),
        pytest.param("my-kmsctl", "my-kmsctl", id="with the chart's name in it"),
    ],
)
def test_any_name_of_a_release_makes_names_that_services_may_have(release, name, tmp_path):
    file = values_file(tmp_path, {"webhook": {"enabled": True}})
    said = run(client_programs().helm, "template", release, CHART, "--values", file)
    objects = list(yaml.safe_load_all(said))
    assert only(objects, "Deployment")["metadata"]["name"] == name
    for service in of_kind(objects, "Service"):
        assert re.fullmatch("[a-z]([-a-z0-9]{0,61}[a-z0-9])?", service["metadata"]["name"])


def test_a_release_whose_name_no_service_can_have_is_told_so(tmp_path):
    file = values_file(tmp_path, {})
    with pytest.raises(RenderError, match="1st-kmsctl begins with no letter"):
        run(client_programs().helm, "template", "1st", CHART, "--values", file)


def test_nobody_s_labels_change_what_selectors_and_helm_go_by(tmp_path):
    objects = template(tmp_path, OPTIONS["labels that the chart has, too"])
    deployment = only(objects, "Deployment")
    pod = deployment["spec"]["template"]["metadata"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= pod["labels"].items()
    assert (deployment["metadata"]["labels"]["team"], pod["labels"]["team"]) == ("platform", "keys")
    assert pod["labels"]["app.kubernetes.io/version"] == "mine"
    assert pod["annotations"]["kubectl.kubernetes.io/default-container"] == "sidecar"
    assert only(objects, "ConfigMap")["metadata"]["labels"]["team"] == "dashboards"


def test_a_spread_without_a_selector_counts_the_operator_s_pods(tmp_path):
    zone = {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}
    chosen = zone | {"labelSelector": {"matchLabels": {"a": "b"}}}
    deployment = only(template(tmp_path, {"topologySpreadConstraints": [zone, chosen]}), "Deployment")
    without, as_it_was = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert without == zone | {"labelSelector": deployment["spec"]["selector"]}
    assert as_it_was == chosen


def test_a_network_policy_of_an_older_release_s_values_opens_no_port_by_mistake(tmp_path):
    """`helm upgrade --reuse-values` renders a new chart without the values that it brings."""
    values = {"networkPolicy": {"enabled": True, "dnsPorts": None}}
    policy = only(template(tmp_path, values), "NetworkPolicy")
    assert all(rule["ports"] for rule in policy["spec"]["egress"])


def test_no_secret_can_be_read_that_no_value_names(tmp_path):
    objects = template(tmp_path, {})
    allowed = [rule for kind in ("ClusterRole", "Role") for role in of_kind(objects, kind) for rule in rules(role)]
    assert not [rule for rule in allowed if rule[1] == "secrets"]


def test_no_rule_has_a_wildcard_or_reaches_beyond_what_the_operator_serves(tmp_path):
    objects = template(tmp_path, OPTIONS["secrets"])
    allowed = {rule for kind in ("ClusterRole", "Role") for role in of_kind(objects, kind) for rule in rules(role)}
    assert not [rule for rule in allowed if "*" in "".join(rule)]
    outside = {rule for rule in allowed if not rule[1].endswith(".kms.reconciler.dev")}
    assert {resource for _, resource, _ in outside} == {"leases.coordination.k8s.io", "events.events.k8s.io", "secrets"}


def test_secrets_can_be_read_by_name_and_nothing_else(tmp_path):
    roles = of_kind(template(tmp_path, OPTIONS["secrets"]), "Role")
    found = {(role["metadata"]["namespace"], *rule) for role in roles for rule in rules(role) if rule[1] == "secrets"}
    assert found == {("kmsctl-system", "get", "secrets", "aws"), ("payments", "get", "secrets", "material")}


def test_with_watched_namespaces_only_targets_are_read_everywhere(tmp_path):
    objects = template(tmp_path, OPTIONS["two namespaces"] | {"rbac": {"aggregate": False}})
    everywhere = {resource for _, resource, _ in rules(only(objects, "ClusterRole"))}
    assert everywhere == {"targets.kms.reconciler.dev", "targets/status.kms.reconciler.dev"}
    places = {
        role["metadata"]["namespace"]
        for role in of_kind(objects, "Role")
        if any(resource == "keys.kms.reconciler.dev" for _, resource, _ in rules(role))
    }
    assert places == {"payments", "orders"}


def test_with_watched_namespaces_each_may_do_what_the_whole_cluster_may_otherwise(tmp_path):
    without = {"rbac": {"aggregate": False}}
    clusterwide = set(rules(only(template(tmp_path, without), "ClusterRole")))
    objects = template(tmp_path, without | OPTIONS["two namespaces"])
    narrow = set(rules(only(objects, "ClusterRole")))
    for namespace in ("payments", "orders"):
        (role,) = [each for each in of_kind(objects, "Role") if each["metadata"]["namespace"] == namespace]
        assert narrow | set(rules(role)) == clusterwide


@pytest.mark.parametrize("name", [name for name in ALL_OPTIONS if "webhook" in name or "cert" in name])
def test_the_webhook_never_sees_deletions_nor_status(name, tmp_path):
    webhook = only(template(tmp_path, ALL_OPTIONS[name]), "ValidatingWebhookConfiguration")["webhooks"][0]
    (rule,) = webhook["rules"]
    assert rule["operations"] == ["CREATE", "UPDATE"]
    assert not [resource for resource in rule["resources"] if "/" in resource]
    assert webhook["matchConditions"][0]["expression"] == "!has(object.metadata.deletionTimestamp)"
    assert webhook["timeoutSeconds"] == 5


def test_the_webhook_is_safe_to_have_down_unless_it_is_told_otherwise(tmp_path):
    webhook = only(template(tmp_path, OPTIONS["webhook"]), "ValidatingWebhookConfiguration")["webhooks"][0]
    assert webhook["failurePolicy"] == "Ignore"


def test_definitions_and_the_default_target_outlive_the_release(tmp_path):
    objects = template(tmp_path, OPTIONS["a default target"])
    kept = [*of_kind(objects, "CustomResourceDefinition"), only(objects, "Target")]
    assert len(kept) == len(RESOURCES) + 1
    assert all(KEPT.items() <= each["metadata"]["annotations"].items() for each in kept)


def test_definitions_go_with_the_release_only_when_that_is_asked_for(tmp_path):
    definitions = of_kind(template(tmp_path, OPTIONS["definitions that go"]), "CustomResourceDefinition")
    assert not [each for each in definitions if "annotations" in each["metadata"]]


def test_a_target_is_made_after_the_release_that_brings_its_definition(tmp_path):
    first = only(template(tmp_path, OPTIONS["a default target"]), "Target")
    later = only(
        template(tmp_path, OPTIONS["a default target"], "--api-versions=kms.reconciler.dev/v1alpha1/Target"), "Target"
    )
    assert first["metadata"]["annotations"]["helm.sh/hook"] == "post-install,post-upgrade"
    assert "helm.sh/hook" not in later["metadata"]["annotations"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_kustomization_builds(name):
    assert only(built(name), "Deployment")["metadata"]["namespace"] == "kmsctl-system"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        pytest.param("base", {}, id="base"),
        pytest.param("overlays/namespaced", {"watchNamespaces": ["payments"]}, id="namespaced"),
        pytest.param("overlays/webhook-cert-manager", FOREIGN_OPTIONS["cert-manager"], id="webhook-cert-manager"),
        pytest.param(
            "overlays/aws-irsa",
            {
                "serviceAccount": {
                    "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/kmsctl-operator"}
                }
            },
            id="aws-irsa",
        ),
    ],
)
def test_a_kustomization_is_what_the_chart_renders(name, values, tmp_path):
    ours, theirs = comparable(built(name)), comparable(template(tmp_path, values | LIKE_THE_BASE))
    namespace = ours.pop(("Namespace", "", "kmsctl-system"))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert set(ours) == set(theirs)
    for place, each in ours.items():
        assert each == theirs[place], place


def comparable(objects):
    """Objects by kind, namespace and name, without what only helm writes, and with nobody's cluster name."""
    found = {}
    for each in objects:
        metadata = each["metadata"]
        metadata["labels"] = {k: v for k, v in metadata.get("labels", {}).items() if k not in WITHOUT_HELM}
        if each["kind"] == "CustomResourceDefinition":
            metadata["labels"].pop("app.kubernetes.io/instance", None)  # of every operator of the cluster
        if metadata.get("annotations") == KEPT:
            del metadata["annotations"]
        if each["kind"] == "Deployment":
            settle(each["spec"]["template"])
        found[each["kind"], metadata.get("namespace", ""), metadata["name"]] = each
    return found


def settle(pod):
    """Take out of a pod template what differs: labels of helm, the cluster's name, the order of lists by name."""
    labels = pod["metadata"]["labels"]
    pod["metadata"]["labels"] = {k: v for k, v in labels.items() if k not in WITHOUT_HELM}
    container = pod["spec"]["containers"][0]
    for by_name in (container["env"], container["ports"], container["volumeMounts"], pod["spec"]["volumes"]):
        by_name.sort(key=lambda each: each["name"])
    for variable in container["env"]:
        if variable["name"] == "KMSCTL_CLUSTER_NAME":
            variable["value"] = ""
