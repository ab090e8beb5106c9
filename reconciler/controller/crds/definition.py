"""The CustomResourceDefinition of a kind.

Source: https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

from reconciler.controller.crds.naming import CATEGORY, COMMON, NAMING, Column, Naming
from reconciler.controller.crds.place import placed_in
from reconciler.controller.crds.rules import RULES
from reconciler.controller.crds.structural import Schema, structural
from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.schemas import API_VERSION, schema_of

GROUP, _, VERSION = API_VERSION.partition("/")
_STATUS_OF: Final = {ManifestKind.REPLICA_KEY: ManifestKind.KEY}
"""Kinds whose status has the fields of another kind's."""
_AT_FIRST: Final = {"observedGeneration": -1}
"""Who waits for a new resource must not take it for one that is done.

Source: https://github.com/fluxcd/pkg/tree/main/apis/meta and the order of rules of kstatus.
"""


def definition_of(kind: ManifestKind) -> dict[str, Any]:
    """The CustomResourceDefinition of `kind`, made anew at each call; fields in the order in which people read them."""
    naming = NAMING[kind]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{naming.plural}.{GROUP}",
            "labels": {"app.kubernetes.io/name": "kmsctl", "app.kubernetes.io/component": "crds"},
        },
        "spec": {
            "group": GROUP,
            "names": {
                "kind": str(kind),
                "listKind": f"{kind}List",
                "plural": naming.plural,
                "singular": kind.lower(),
                "shortNames": [naming.short],
                "categories": [CATEGORY],
            },
            "scope": naming.scope,
            "versions": [_version(kind, naming)],
        },
    }


def _version(kind: ManifestKind, naming: Naming) -> dict[str, Any]:
    own = [column for column in naming.columns if not column.wide]
    wide = [column for column in naming.columns if column.wide]
    version = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [_column(column) for column in (*own, *COMMON, *wide)],
        "schema": {"openAPIV3Schema": _schema(kind)},
    }
    if naming.selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in naming.selectable]
    return version


def _column(column: Column) -> dict[str, Any]:
    made = {
        "name": column.name,
        "type": column.type,
        "description": column.description,
        "jsonPath": column.path,
    }
    return {**made, "priority": 1} if column.wide else made


def _schema(kind: ManifestKind) -> Schema:
    schema = schema_of(kind.lower())
    status = structural(schema_of("status")["$defs"][_STATUS_OF.get(kind, kind)])
    whole = {
        "type": "object",
        "description": schema["description"],
        "properties": {
            "apiVersion": {"type": "string", "description": schema["properties"]["apiVersion"]["description"]},
            "kind": {"type": "string", "description": schema["properties"]["kind"]["description"]},
            "metadata": {"type": "object"},
            "spec": structural(schema["properties"]["spec"]),
            "status": {**status, "default": dict(_AT_FIRST)},
        },
        "required": ["spec"],
    }
    return reduce(placed_in, RULES[kind], whole)
