"""The JSON Schemas: where they are, and each in one piece.

They are the single source of what a manifest may hold: of validation here, of editor support, and of the CRDs.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import reconciler

API_VERSION = "kms.reconciler.dev/v1alpha1"
"""The `apiVersion` of every kind."""


def schema_folder() -> Path:
    """Where the schemas are: beside the package in a checkout, in it when installed from a wheel.

    Raises:
        FileNotFoundError: they are in neither place; the installation is broken.
    """
    package = Path(reconciler.__file__).parent
    for folder in (package / "schemas", package.parent / "schemas"):
        if (folder / "kmsctl.schema.json").is_file():
            return folder
    raise FileNotFoundError("the JSON Schemas of kmsctl are missing from this installation")


@cache
def schema_of(name: str) -> dict[str, Any]:
    """The schema in `<name>.schema.json` with what it refers to put in its place, so that it stands alone.

    References have the form `file.schema.json#/$defs/name`, or `file.schema.json` for a whole schema.
    """
    return _standalone(_read(f"{name}.schema.json"))  # type: ignore[no-any-return]


@cache
def _read(file: str) -> dict[str, Any]:
    return json.loads((schema_folder() / file).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _standalone(node: Any) -> Any:
    if isinstance(node, list):
        return [_standalone(item) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        own = {key: value for key, value in node.items() if key != "$ref"}
        return {**_standalone(_target(reference)), **own}
    return {key: _standalone(value) for key, value in node.items()}


def _target(reference: str) -> Any:
    file, _, pointer = reference.partition("#")
    node: Any = _read(file)
    for step in pointer.split("/")[1:]:
        node = node[step]
    return node
