"""The operator's service account, with the rights that the chart gives it and no others."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.delivery.charts import CHART

_RELEASE = "kmsctl"
SERVICE_ACCOUNT = "kmsctl"
"""The name that the chart gives it in a release of that name."""


def grant(cluster: Cluster, namespace: str, *, secrets_in: Sequence[str] = ()) -> str:
    """Make the service account in `namespace`; who it is for the API server.

    Args:
        cluster: where.
        namespace: the operator's own, which is there. It may read every Secret in it: Targets come and go in tests.
        secrets_in: other namespaces whose Secrets it may read.
    """
    settings = ["clusterName=e2e", "image.repository=none", "crds.install=false"]
    for number, name in enumerate((namespace, *secrets_in)):
        settings.append(f"secrets.namespaced[{number}].namespace={name}")
    shown = [word for template in ("rbac", "serviceaccount") for word in ("--show-only", f"templates/{template}.yaml")]
    options = [f"--set={setting}" for setting in settings]
    made = cluster.helm("template", _RELEASE, CHART, f"--namespace={namespace}", *options, *shown)
    cluster.apply(*(each for each in yaml.safe_load_all(made.stdout) if each))
    return f"system:serviceaccount:{namespace}:{SERVICE_ACCOUNT}"


def let_read_secrets(cluster: Cluster, namespace: str, operator_namespace: str = "kmsctl-system") -> None:
    """Let the operator read the Secrets of another namespace, as `secrets.namespaced` of the chart does."""
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    subject = {"kind": "ServiceAccount", "name": SERVICE_ACCOUNT, "namespace": operator_namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "kmsctl-secrets"}
    api = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    named = {"metadata": {"name": "kmsctl-secrets"}}
    cluster.api.call("POST", f"{api}/roles", {**named, "rules": [rule]})
    cluster.api.call("POST", f"{api}/rolebindings", {**named, "roleRef": role, "subjects": [subject]})
