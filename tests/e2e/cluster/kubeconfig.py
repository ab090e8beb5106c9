"""Kubeconfig files: who somebody is to the API server, as kubectl, helm and the operator read it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.cluster.flags import Place

_ONLY = "e2e"


def write(path: Path, place: Place, token: str, *, namespace: str = "default") -> Path:
    """Write the kubeconfig of whoever bears `token` to `path`, which only its owner may read. JSON is YAML."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": _ONLY, "cluster": {"server": place.url, "certificate-authority": str(place.credentials.ca)}}
        ],
        "users": [{"name": _ONLY, "user": {"token": token}}],
        "contexts": [{"name": _ONLY, "context": {"cluster": _ONLY, "user": _ONLY, "namespace": namespace}}],
        "current-context": _ONLY,
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=1))
    return path
