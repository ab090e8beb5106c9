"""The flags of each component: a cluster on the loopback interface with only what the tests need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.cluster.credentials import Credentials

LOOPBACK = "127.0.0.1"
SERVICE_ADDRESSES = "127.96.0.0/16"
"""Services get addresses of the loopback network, so that a webhook behind a Service is reached without kube-proxy
by whoever listens on the Service's address."""
CONTROLLERS = (
    "clusterrole-aggregation-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "validatingadmissionpolicy-status-controller",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cluster is: its folder, and the port of its API."""

    folder: Path
    port: int
    credentials: Credentials

    @property
    def etcd_socket(self) -> str:
        return f"unix://{self.folder / 'etcd.sock'}"

    @property
    def url(self) -> str:
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def audit_policy(self) -> Path:
        return self.folder / "audit-policy.json"

    @property
    def audit_log(self) -> Path:
        return self.folder / "audit.log"


def etcd(place: Place, *, durable: bool) -> list[str]:
    """A member alone, on a socket that nobody else opens; without `durable` its data survives it but no power cut."""
    return [
        f"--data-dir={place.folder / 'etcd'}",
        f"--listen-client-urls={place.etcd_socket}",
        "--advertise-client-urls=http://127.0.0.111:0",  # a socket is refused here, and nobody reads it
        f"--listen-peer-urls=http://{LOOPBACK}:0",
        "--log-level=warn",
        *([] if durable else ["--unsafe-no-fsync"]),
    ]


def kube_apiserver(place: Place) -> list[str]:
    """TLS and RBAC, tokens from a file and for service accounts; without flow control, which takes processor time."""
    credentials = place.credentials
    return [
        f"--etcd-servers={place.etcd_socket}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        "--endpoint-reconciler-type=none",
        f"--secure-port={place.port}",
        f"--tls-cert-file={credentials.certificate}",
        f"--tls-private-key-file={credentials.key}",
        f"--token-auth-file={credentials.tokens}",
        "--authorization-mode=RBAC",
        "--anonymous-auth=false",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={credentials.service_account_key}",
        f"--service-account-signing-key-file={credentials.service_account_key}",
        f"--service-cluster-ip-range={SERVICE_ADDRESSES}",
        "--disable-admission-plugins=ServiceAccount",
        f"--audit-policy-file={place.audit_policy}",
        f"--audit-log-path={place.audit_log}",
        "--enable-priority-and-fairness=false",
        "--profiling=false",
    ]


def kube_controller_manager(place: Place, kubeconfig: Path) -> list[str]:
    """The controllers that tests see the work of, as the administrator."""
    return [
        f"--kubeconfig={kubeconfig}",
        f"--controllers={','.join(CONTROLLERS)}",
        f"--service-account-private-key-file={place.credentials.service_account_key}",
        f"--root-ca-file={place.credentials.ca}",
        "--leader-elect=false",
        "--secure-port=0",
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
        "--concurrent-gc-syncs=4",
        "--concurrent-namespace-syncs=4",
        "--profiling=false",
    ]
