"""The chart in a cluster, and the operator as its Deployment runs it: there are no nodes, so the test starts it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.cluster.audit import Request
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.controller.processes import CLUSTER_NAME, OperatorProcess
from tests.e2e.delivery.charts import CHART

NAMESPACE = "kmsctl-system"
RELEASE = "kmsctl"
VALUES: dict[str, Any] = {
    "clusterName": CLUSTER_NAME,
    "image": {"repository": "registry.example.com/kmsctl"},
    "operator": {"driftInterval": "2s", "logFormat": "text"},
    "secrets": {"namespaced": [{"namespace": NAMESPACE}]},
}
"""Targets come and go in tests, so every Secret of the release's namespace may be read."""


@dataclass
class Installation:
    """One release of the chart.

    Attributes:
        cluster: where it is installed.
        folder: for files and logs.
        namespace: of the release.
    """

    cluster: Cluster
    folder: Path
    namespace: str = NAMESPACE
    _before: int = field(init=False, default=0)
    """Requests of operators that there were earlier, under the same name."""

    def __post_init__(self) -> None:
        self._before = len(self.cluster.requests(self.user))

    @property
    def user(self) -> str:
        """Who the operator is for the API server."""
        return f"system:serviceaccount:{self.namespace}:{RELEASE}"

    def install(self, values: Mapping[str, Any] | None = None, *options: str, chart: Path = CHART) -> None:
        """Install the chart, or upgrade to it, with `VALUES` and `values` over them."""
        file = self.folder / "values.json"
        file.write_text(json.dumps({**VALUES, **(values or {})}))
        where = (RELEASE, chart, f"--namespace={self.namespace}", "--create-namespace")
        self.cluster.helm("upgrade", "--install", *where, "--values", file, *options)

    def uninstall(self) -> None:
        """Uninstall the release, if it is installed."""
        self.cluster.helm("uninstall", RELEASE, f"--namespace={self.namespace}", "--ignore-not-found")

    def settings(self) -> dict[str, str]:
        """The variables that the Deployment sets, as the API server has it now."""
        deployment = self.cluster.get("deployment", RELEASE, namespace=self.namespace)
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert container["args"] == ["operator", "run"]
        return {each["name"]: each["value"] for each in container["env"] if "value" in each}

    def operator(self, name: str = "operator", settings: Mapping[str, str] | None = None) -> OperatorProcess:
        """A replica of the Deployment as it is now, under the service account, with its own log; not started."""
        wanted = {**self.settings(), "KMSCTL_LEADER_ELECT": "", "POD_NAME": name, **(settings or {})}
        return OperatorProcess(self.cluster, self.namespace, self.folder, name=name, settings=wanted)

    def requests(self) -> list[Request]:
        """What the operators of this installation asked the API server for so far."""
        return self.cluster.requests(self.user)[self._before :]

    def denied(self) -> list[Request]:
        """What it asked for and may not do."""
        return [request for request in self.requests() if request.forbidden]

    def mount_certificate(self) -> Path:
        """The webhook's Secret as files, replaced at once as the kubelet does it: a link to a folder is swapped."""
        data = self.cluster.get("secret", "kmsctl-webhook", namespace=self.namespace)["data"]
        mount = self.folder / "webhook"
        mount.mkdir(exist_ok=True)
        version = mount / f"..{len(list(mount.iterdir()))}"
        version.mkdir()
        for name in ("tls.crt", "tls.key"):
            (version / name).write_bytes(base64.b64decode(data[name]))
            link = mount / name
            if not link.is_symlink():
                link.symlink_to(f"..data/{name}")
        swap = mount / "..new"
        swap.symlink_to(version.name)
        swap.replace(mount / "..data")
        return mount
