"""Where manifests say that secrets are, and what they say of imported key material. No secret is read here."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from typing import Any

from reconciler.manifest.checks.material import instant
from reconciler.manifest.documents import Document
from reconciler.manifest.sources import is_file
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import (
    ImportedMaterial,
    SecretFile,
    SecretReference,
    SecretSource,
    SecretVariable,
    WrappingAlgorithm,
    wrapping_algorithms,
)


def material_of(document: Document, spec: KeySpec) -> ImportedMaterial | None:
    """What a Key declares of its imported material."""
    declared = document.spec.get("importedMaterial")
    if declared is None:
        return None
    algorithm = declared.get("wrappingAlgorithm", wrapping_algorithms(spec)[0])
    return ImportedMaterial(
        secret_source(document, declared["from"]),
        WrappingAlgorithm(algorithm),
        instant(declared["validTo"]) if "validTo" in declared else None,
        declared.get("description"),
        declared.get("serial", 1),
    )


def secret_source(document: Document, place: Mapping[str, Any]) -> SecretSource:
    """A place that the manifest names; a path begins at the manifest's folder, if it is a file."""
    if "file" in place:
        folder = os.path.dirname(document.file) if is_file(document.file) else ""  # noqa: PTH120  no file is touched
        return SecretFile(os.path.normpath(os.path.join(folder, place["file"])))  # noqa: PTH118
    if "env" in place:
        return SecretVariable(place["env"])
    reference = place["secretRef"]
    return SecretReference(reference["name"], reference["key"])
