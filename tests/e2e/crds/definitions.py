"""The definitions in a cluster, and objects of them put to its API server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconciler.controller.crds.naming import NAMING
from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.schemas import API_VERSION
from tests.e2e.cluster.api import Answer
from tests.e2e.cluster.cluster import Cluster

CRDS = Path(__file__).parents[3] / "operator" / "crds"
NAMES = tuple(f"{naming.plural}.kms.reconciler.dev" for naming in NAMING.values())
STRICTLY = "dryRun=All&fieldValidation=Strict&fieldManager=tests"
MERGE = "application/merge-patch+json"


@contextmanager
def installed(cluster: Cluster) -> Iterator[None]:
    """The definitions of this checkout, established. Those that were not there before are deleted at the end."""
    there = cluster.kubectl("get", "crds", "--output=name").stdout.split()
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "--kustomize", str(CRDS))
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", *(f"crd/{name}" for name in NAMES))
    yield
    new = [name for name in NAMES if f"customresourcedefinition.apiextensions.k8s.io/{name}" not in there]
    if new:
        cluster.kubectl("delete", "crds", *new)


def manifest(kind: str, called: str = "k", /, **spec: Any) -> dict[str, Any]:
    """An object with nothing but a name and its spec."""
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": called}, "spec": spec}


def path_of(kind: str, namespace: str, name: str = "") -> str:
    """Where the API has objects of `kind`, or one of them."""
    naming = NAMING[ManifestKind(kind)]
    where = f"namespaces/{namespace}/" if naming.namespaced else ""
    return f"/apis/{API_VERSION}/{where}{naming.plural}" + (f"/{name}" if name else "")


def tried(cluster: Cluster, body: Mapping[str, Any], namespace: str) -> Answer:
    """What the API server says of creating `body`, which it does not do; fields that it does not know are faults."""
    metadata = {name: value for name, value in body["metadata"].items() if name != "namespace"}
    return cluster.api.call("POST", f"{path_of(body['kind'], namespace)}?{STRICTLY}", {**body, "metadata": metadata})


def faults(answer: Answer) -> str:
    """Why the API server refuses an object; empty when it does not, and there may be one of that name."""
    if answer.status == 201 or answer.body.get("reason") == "AlreadyExists":
        return ""
    return str(answer.body["message"])


def set_status(cluster: Cluster, kind: str, name: str, namespace: str, **status: Any) -> None:
    """Write into the status of an object, as the operator does."""
    answer = cluster.api.call("PATCH", f"{path_of(kind, namespace, name)}/status", {"status": status}, media_type=MERGE)
    assert answer.status == 200, answer.body


def applied(cluster: Cluster, namespace: str, manager: str, *objects: Mapping[str, Any], force: bool = False) -> str:
    """Server-side apply of `objects` by a field manager; what kubectl prints."""
    options = ["--server-side", f"--field-manager={manager}", f"--namespace={namespace}"]
    listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    forced = ["--force-conflicts"] if force else []
    return cluster.kubectl("apply", *options, *forced, "--filename=-", input=json.dumps(listed)).stdout
