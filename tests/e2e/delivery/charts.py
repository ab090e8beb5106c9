"""The chart and the kustomizations of the operator, rendered by the real helm and kubectl, without a cluster."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.cluster.client_programs import client_programs

OPERATOR = Path(__file__).parents[3] / "operator"
CHART = OPERATOR / "chart"
RELEASE = ("kmsctl", "--namespace=kmsctl-system")
REQUIRED = {"clusterName": "test", "image": {"repository": "registry.example.com/kmsctl"}}
TARGET = {"backend": "aws", "region": "eu-central-1", "accountId": "111122223333", "allowedNamespaces": ["*"]}
OPTIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "one replica": {"replicas": 1, "podDisruptionBudget": {"maxUnavailable": "50%"}},
    "a digest": {"image": {**REQUIRED["image"], "digest": "sha256:" + "0" * 64}},
    "two namespaces": {"watchNamespaces": ["payments", "orders"]},
    "the default namespace": {"watchNamespaces": ["default"]},
    "secrets": {
        "secrets": {"credentials": ["aws"], "namespaced": [{"namespace": "payments", "names": ["material"]}]},
    },
    "all secrets of a namespace": {"secrets": {"namespaced": [{"namespace": "payments"}]}},
    "a default target": {"defaultTarget": {"create": True, "spec": TARGET}},
    "webhook": {"webhook": {"enabled": True}},
    "webhook that fails closed": {"webhook": {"enabled": True, "failurePolicy": "Fail", "excludedNamespaces": []}},
    "webhook with a secret": {
        "webhook": {"enabled": True, "certificate": {"source": "existing", "secretName": "tls", "caBundle": "Q0E="}},
    },
    "dashboard": {"metrics": {"dashboard": {"enabled": True}}},
    "network policy": {
        "webhook": {"enabled": True},
        "networkPolicy": {
            "enabled": True,
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "extraEgress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        },
    },
    "roles for service accounts": {
        "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/kmsctl"}},
    },
    "an account of one's own": {"serviceAccount": {"create": False, "name": "mine"}, "rbac": {"create": False}},
    "without definitions": {"crds": {"install": False}},
    "definitions that go": {"crds": {"keep": False}},
    "everything of a pod": {
        "commonLabels": {"team": "platform"},
        "imagePullSecrets": [{"name": "registry"}],
        "operator": {"extraArgs": ["--workers=8"], "logFormat": "text"},
        "priorityClassName": "system-cluster-critical",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/instance": "kmsctl"}},
            },
        ],
        "deploymentAnnotations": {"reloader.stakater.com/auto": "true"},
        "podAnnotations": {"a": "b"},
        "podLabels": {"c": "d"},
        "extraEnv": [{"name": "AWS_REGION", "value": "eu-central-1"}],
        "extraEnvFrom": [{"secretRef": {"name": "proxy", "optional": True}}],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
    },
    "labels that the chart has, too": {
        "commonLabels": {"team": "platform", "app.kubernetes.io/version": "mine", "app.kubernetes.io/instance": "mine"},
        "podLabels": {"team": "keys", "app.kubernetes.io/name": "mine"},
        "podAnnotations": {"kubectl.kubernetes.io/default-container": "sidecar"},
        "metrics": {"dashboard": {"enabled": True, "labels": {"team": "dashboards"}}},
    },
    "the longest name": {"fullnameOverride": "k" * 63, "webhook": {"enabled": True}},
    "OpenShift": {
        "podSecurityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None},
        "networkPolicy": {"enabled": True, "dnsPorts": [5353]},
    },
    "a proxy on arm64": {
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}],
        "networkPolicy": {"enabled": True, "extraEgress": [{"ports": [{"port": 3128, "protocol": "TCP"}]}]},
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
    },
    "a quota of the namespace": {
        "resources": {
            "requests": {"cpu": "50m", "memory": "192Mi", "ephemeral-storage": "32Mi"},
            "limits": {"cpu": 1, "memory": "512Mi", "ephemeral-storage": "64Mi"},
        },
    },
    "probes of Kubernetes' own settings": {"livenessProbe": None, "readinessProbe": None},
    "a CA that others put in": {
        "webhook": {
            "enabled": True,
            "annotations": {"cert-manager.io/inject-ca-from-secret": "kmsctl-system/tls"},
            "certificate": {"source": "existing", "secretName": "tls"},
        },
    },
}
"""Values beyond the required ones, of kinds that every API server knows."""
FOREIGN_OPTIONS: dict[str, dict[str, Any]] = {
    "cert-manager": {"webhook": {"enabled": True, "certificate": {"source": "cert-manager"}}},
    "cert-manager with an issuer": {
        "webhook": {
            "enabled": True,
            "certificate": {"source": "cert-manager", "issuerRef": {"kind": "ClusterIssuer", "name": "company"}},
        },
    },
    "Prometheus operator": {"metrics": {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}},
}
"""Values whose objects need definitions of others."""


class RenderError(AssertionError):
    """helm or kubectl refused."""


def values_file(folder: Path, values: Mapping[str, Any]) -> Path:
    """A file with the required values and `values`."""
    path = folder / "values.json"
    path.write_text(json.dumps({**REQUIRED, **values}), encoding="utf-8")
    return path


def run(*command: str | Path) -> str:
    """What `command` prints.

    Raises:
        RenderError: it failed; the message is what it said.
    """
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RenderError(done.stdout + done.stderr)
    return done.stdout


def template(folder: Path, values: Mapping[str, Any], *options: str) -> list[dict[str, Any]]:
    """The objects of the release with `values`."""
    file = values_file(folder, values)
    return _objects(
        run(client_programs().helm, "template", *RELEASE[:1], CHART, RELEASE[1], "--values", file, *options)
    )


def built(kustomization: str) -> list[dict[str, Any]]:
    """The objects of a folder of `operator/kustomize`."""
    return _objects(run(client_programs().kubectl, "kustomize", OPERATOR / "kustomize" / kustomization))


def of_kind(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Those of `kind`."""
    return [each for each in objects if each["kind"] == kind]


def only(objects: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The one of `kind`."""
    (found,) = of_kind(objects, kind)
    return found


def rules(role: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What a role allows: verb, resource with its group, name (empty for every name)."""
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    for name in rule.get("resourceNames", [""]):
                        yield verb, f"{resource}.{group}".removesuffix("."), name


class _Strict(yaml.CSafeLoader):
    """Takes no key twice, as Flux, kustomize and server-side apply do not."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        assert len(names) == len(set(names)), f"a key is there twice: {node.start_mark}"
        return dict(super().construct_mapping(node, deep))


def _objects(text: str) -> list[dict[str, Any]]:
    return [each for each in yaml.load_all(text, _Strict) if each]
