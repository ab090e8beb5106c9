"""Where objects are in the Kubernetes API.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

GROUP: Final = "kms.reconciler.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
"""`apiVersion` of all of ours."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What the API calls the objects of one kind."""

    plural: str
    namespaced: bool = True


RESOURCES: Final[Mapping[str, Resource]] = MappingProxyType(
    {
        "AccessTest": Resource("accesstests"),
        "Alias": Resource("aliases"),
        "CustomKeyStore": Resource("customkeystores"),
        "Grant": Resource("grants"),
        "Key": Resource("keys"),
        "KeyPolicy": Resource("keypolicies"),
        "ReplicaKey": Resource("replicakeys"),
        "Target": Resource("targets", namespaced=False),
    }
)
"""Our kinds."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """One object of ours; `namespace` is empty for what belongs to no namespace."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def path(self) -> str:
        """Its path in the API.

        Raises:
            KeyError: `kind` is none of ours.
        """
        return path_of(API_VERSION, RESOURCES[self.kind].plural, self.namespace, self.name)


def ref_of(body: Mapping[str, Any]) -> ObjectRef:
    """The reference of an object, from the object."""
    metadata = body["metadata"]
    return ObjectRef(body["kind"], metadata.get("namespace") or "", metadata["name"])


def path_of(api_version: str, plural: str, namespace: str = "", name: str = "") -> str:
    """The path of one object, or without `name` of all of them; `api_version` as in manifests (`v1`, `apps/v1`)."""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    where = f"/namespaces/{_segment(namespace)}" if namespace else ""
    which = f"/{_segment(name)}" if name else ""
    return f"{root}{where}/{plural}{which}"


def _segment(name: str) -> str:
    """A name as one part of a path: `..` would lead to another object, and the API knows no such name.

    Raises:
        ValueError: it is `.` or `..`.
    """
    if name in {".", ".."}:
        raise ValueError(f"{name!r} is no name of an object")
    return quote(name, safe="")
