"""The operator as a process: `kmsctl operator run` under a service account of the cluster."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.child import KMSCTL, Child
from tests.e2e.controller.rights import SERVICE_ACCOUNT
from tests.support.moto import free_port

CLUSTER_NAME = "e2e"
"""The same for all operators of a run, as for all replicas of one cluster: stacks are `e2e.<namespace>`."""
SETTINGS = {
    "KMSCTL_CLUSTER_NAME": CLUSTER_NAME,
    "KMSCTL_DRIFT_INTERVAL": "2s",
    "KMSCTL_LEADER_ELECT": "false",
    "KMSCTL_LOG_FORMAT": "text",
    "KMSCTL_LOG_LEVEL": "info",
}
_SAMPLE = re.compile(r"^([a-z_]+(?:\{[^}]*\})?) ([0-9.e+-]+|NaN)$", re.MULTILINE)


class OperatorProcess:
    """One replica; it keeps its ports and its log when started again.

    Args:
        cluster: whose API server.
        namespace: its own, where `rights.grant` made its service account.
        folder: for its log.
        name: of the process, and of its log.
        settings: variables, beyond and over `SETTINGS`.
    """

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        folder: Path,
        *,
        name: str = "operator",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self.user = f"system:serviceaccount:{namespace}:{SERVICE_ACCOUNT}"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = cluster.kubeconfig_for(cluster.token_for(namespace, SERVICE_ACCOUNT), namespace=namespace)
        environment = {
            **cluster.environment(config),
            **SETTINGS,
            "AWS_EC2_METADATA_DISABLED": "true",
            "KMSCTL_LISTEN": f"127.0.0.1:{port}",
            "POD_NAME": name,
            "POD_NAMESPACE": namespace,
            **(settings or {}),
        }
        self.child = Child(name, (KMSCTL, "operator", "run"), folder, environment)

    def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until it works, unless it may not lead yet."""
        self.child.start()
        if wait:
            eventually(lambda: self.child.check() and self.leads, within=60, what="the operator works")

    def stop(self) -> int | None:
        """End it as Kubernetes does; its exit code."""
        return self.child.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.child.kill()

    def readiness(self) -> str:
        """What its probe says: `ok`, or what is in the way."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return str(answer.read().decode()).strip()
        except urllib.error.HTTPError as error:
            return error.read().decode().strip()
        except (urllib.error.URLError, OSError):
            return "no answer"

    @property
    def leads(self) -> bool:
        """Whether it works."""
        return self.metrics().get("kmsctl_leader") == 1

    def metrics(self) -> dict[str, float]:
        """Its metrics, each by name and labels as Prometheus reads them; nothing while it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
                return {name: float(value) for name, value in _SAMPLE.findall(answer.read().decode())}
        except (urllib.error.URLError, OSError):
            return {}

    def metric(self, name: str) -> float:
        """The sum of a metric over all its labels, or one of it where `name` has them."""
        return sum(value for key, value in self.metrics().items() if key == name or key.startswith(f"{name}{{"))
