"""Objects as the API has them."""

from __future__ import annotations

from reconciler.controller.cluster.refs import API_VERSION, RESOURCES, ObjectRef

NAMESPACE = "payments"
DEFAULT_TARGET = {"backend": "local", "allowedNamespaces": ["*"]}


def ref(kind, name, namespace=NAMESPACE):
    """What an object is called."""
    return ObjectRef(kind, namespace if RESOURCES[kind].namespaced else "", name)


def body(kind, name, /, *, namespace=NAMESPACE, spec=None, status=None, **metadata):
    """An object as a watch shows it; `metadata` as Kubernetes spells it."""
    where = {"namespace": namespace} if RESOURCES[kind].namespaced else {}
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {
            "name": name,
            **where,
            "uid": f"uid-of-{name}",
            "resourceVersion": "1",
            "generation": 1,
            "creationTimestamp": "2026-03-01T00:00:00Z",
            **metadata,
        },
        "spec": spec or {},
        **({"status": status} if status is not None else {}),
    }


def grant_spec(key, /, **more):
    """A grant on a Key object."""
    who = {"granteePrincipal": "arn:aws:iam::111122223333:role/app", "operations": ["Decrypt"]}
    return {"keyRef": {"name": key}, **who, **more}


def annotated(**asked):
    """Annotations of ours: `deletion_policy="Delete"` for `kms.reconciler.dev/deletion-policy: Delete`."""
    return {f"kms.reconciler.dev/{name.replace('_', '-')}": value for name, value in asked.items()}


def says(conditions, kind="Ready"):
    """The status and the reason of a condition."""
    found = next((one for one in conditions if one["type"] == kind), None)
    return (found["status"], found["reason"]) if found else None
