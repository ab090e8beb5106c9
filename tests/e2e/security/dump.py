"""Everything that the cluster and the operator show to whoever may look, but for Secrets themselves."""

from __future__ import annotations

import base64
import json
import urllib.parse
import urllib.request
from collections.abc import Iterator

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.security.installation import Installation


def forms_of(secret: bytes) -> set[str]:
    """How a secret may be written."""
    encoded = {base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode(), secret.hex()}
    text = secret.decode("utf-8", "replace")
    return {*encoded, secret.hex().upper(), text, repr(secret)[2:-1], json.dumps(text)[1:-1], urllib.parse.quote(text)}


def told_by(cluster: Cluster, installation: Installation, operator: OperatorProcess) -> dict[str, str]:
    """All of it, by where it is told."""
    with urllib.request.urlopen(f"{operator.url}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    logs = {log.name: log.read_text(errors="replace") for log in installation.folder.glob("*.log")}
    return {"/metrics": metrics, "audit log": (cluster.folder / "audit.log").read_text(), **logs, **_objects(cluster)}


def _objects(cluster: Cluster) -> dict[str, str]:
    return {path: json.dumps(_call(cluster, path), ensure_ascii=False) for path in _lists(cluster)}


def _lists(cluster: Cluster) -> Iterator[str]:
    """The paths of all kinds that can be listed, in all namespaces."""
    groups = [version["groupVersion"] for group in _call(cluster, "/apis")["groups"] for version in group["versions"]]
    for root in ("/api/v1", *(f"/apis/{group}" for group in groups)):
        for resource in _call(cluster, root)["resources"]:
            if "list" in resource["verbs"] and resource["name"] != "secrets":
                yield f"{root}/{resource['name']}"


def _call(cluster: Cluster, path: str) -> dict[str, list[dict[str, list[dict[str, str]]]]]:
    answer = cluster.api.call("GET", path)
    assert answer.status == 200, f"{path}: {answer}"
    found: dict[str, list[dict[str, list[dict[str, str]]]]] = answer.body
    return found
