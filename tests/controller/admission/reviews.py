"""AdmissionReviews as an API server sends them."""

from __future__ import annotations

import copy
from typing import Any

from reconciler.controller.admission.neighbourhood import Known
from reconciler.controller.admission.review import review
from reconciler.controller.settings import WebhookLint
from reconciler.manifest.documents import ManifestKind
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target

KEY: dict[str, Any] = {
    "apiVersion": "kms.reconciler.dev/v1alpha1",
    "kind": "Key",
    "metadata": {
        "name": "payments",
        "namespace": "shop",
        "generation": 1,
        "uid": "7c0f",
        "managedFields": [{"manager": "kubectl"}],
    },
    "spec": {"aliases": ["payments"], "rotation": {"automatic": {"periodDays": 365}}},
    "status": {"observedGeneration": -1},
}
TARGETS = {
    "default": Target(
        TargetName("default"), backend="aws", region="eu-central-1", allowed_namespaces=("shop", "team-*")
    ),
    "closed": Target(TargetName("closed"), backend="aws", region="eu-central-1"),
}
KNOWN = Known(lambda: TARGETS, "default", lambda _: {(ManifestKind.KEY, "payments")}, WebhookLint.OFF)
NOTHING_KNOWN = Known(lambda: None, "default", lambda _: None, WebhookLint.OFF)


def an_object(kind: str = "Key", spec: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    """An object of `kind` in the namespace shop."""
    body = copy.deepcopy(KEY)
    body["kind"] = kind
    body["metadata"].update(metadata)
    if spec is not None:
        body["spec"] = spec
    return body


def a_review(new: Any, old: Any = None, *, operation: str | None = None, **fields: Any) -> dict[str, Any]:
    """The review of `new`; an UPDATE where there is an `old`."""
    of = new or old
    group, _, version = of["apiVersion"].partition("/")
    request = {
        "uid": "705ab4f5",
        "kind": {"group": group, "version": version, "kind": of["kind"]},
        "resource": {"group": group, "version": version, "resource": "keys"},
        "name": "payments",
        "namespace": of["metadata"].get("namespace", "") if isinstance(of["metadata"], dict) else "",
        "operation": operation or ("UPDATE" if old else "CREATE"),
        "userInfo": {"username": "admin"},
        "object": new,
        "oldObject": old,
        "dryRun": False,
        **fields,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def answer(new: Any, old: Any = None, *, known: Known = KNOWN, **fields: Any) -> dict[str, Any]:
    """The response alone, its frame checked."""
    answered = review(a_review(new, old, **fields), known)
    assert (answered["apiVersion"], answered["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    assert answered["response"]["uid"] == "705ab4f5"
    return answered["response"]
