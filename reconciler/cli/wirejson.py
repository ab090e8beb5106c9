"""Parameters and answers of calls as JSON: blobs in base64 and instants in ISO 8601, as the AWS CLI has them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from reconciler.engine.operations import OPERATIONS
from reconciler.engine.wire.model import operation_model
from reconciler.kit.errors import KmsctlError


def operation_called(text: str) -> str:
    """The operation that `text` names: `CreateKey`, `create-key`, `sts:get-caller-identity`.

    Raises:
        KmsctlError: the bundled KMS has none of that name.
    """
    prefix, separator, name = text.rpartition(":")
    if "-" in name or name.islower():
        name = "".join(word[:1].upper() + word[1:] for word in name.split("-"))
    known = {operation.lower(): operation for operation in OPERATIONS}
    operation = known.get(f"{prefix}{separator}{name}".lower())
    if operation is None:
        near = get_close_matches(name.lower(), known, n=1)
        fix = f"did you mean {known[near[0]]}?" if near else "names are those of AWS's API, such as DescribeKey"
        raise KmsctlError(f"the bundled KMS has no operation {text!r}", fix=fix)
    return operation


def to_wire(operation: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """JSON parameters as the port takes them. What does not fit the model stays, for the KMS to refuse.

    Raises:
        KmsctlError: a blob is not base64, or an instant is none.
    """
    model = operation_model(operation)
    return _shaped(value, model.input, model.shapes, "") if model.input else dict(value)


def from_wire(value: Any) -> Any:
    """An answer of the port as JSON."""
    match value:
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case datetime():
            return value.isoformat()
        case dict():
            return {key: from_wire(item) for key, item in value.items()}
        case list() | tuple():
            return [from_wire(item) for item in value]
        case _:
            return value


def _shaped(value: Any, name: str, shapes: Mapping[str, Any], where: str) -> Any:
    shape = shapes[name]
    match shape["type"], value:
        case "structure", dict():
            members = shape["members"]
            return {
                key: _shaped(item, members[key]["shape"], shapes, f"{where}.{key}") if key in members else item
                for key, item in value.items()
            }
        case "list", list():
            return [_shaped(item, shape["member"]["shape"], shapes, f"{where}[{at}]") for at, item in enumerate(value)]
        case "blob", str():
            return _blob(value, where)
        case "timestamp", str() | int() | float():
            return _instant(value, where)
        case _:
            return value


def _blob(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise KmsctlError(
            f"{where[1:]} is not base64",
            why="blobs in JSON are base64, as in the AWS CLI",
            fix="encode it with `base64`",
        ) from None


def _instant(value: str | float, where: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise KmsctlError(f"{where[1:]} is no instant", fix="write it as 2026-01-31T12:00:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
