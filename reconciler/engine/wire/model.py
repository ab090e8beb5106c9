"""botocore's service models, read once each when first needed.

Only botocore's data files are used; nothing of botocore is imported.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson


@dataclass(frozen=True, slots=True)
class Service:
    """A service that the engine answers for."""

    model: str
    """botocore's name of the service model."""
    event_source: str
    """CloudTrail's eventSource."""
    invalid_code: str
    """The error code for parameters that break the model."""


KMS: Final = Service("kms", "kms.amazonaws.com", "ValidationException")
SERVICES: Final[Mapping[str, Service]] = MappingProxyType(
    {
        "kms": KMS,
        "tagging": Service("resourcegroupstaggingapi", "tagging.amazonaws.com", "InvalidParameterException"),
        "sts": Service("sts", "sts.amazonaws.com", "ValidationError"),
        "cloudtrail": Service("cloudtrail", "cloudtrail.amazonaws.com", "ValidationException"),
    }
)
"""By the prefix in the operation names of the port; KMS's own operations are bare."""


@dataclass(frozen=True, slots=True)
class OperationModel:
    """One operation of a service: the names of its input and output shapes, among `shapes`."""

    service: Service
    name: str
    input: str
    output: str | None
    shapes: Mapping[str, Any]


def split_name(operation: str) -> tuple[str, str]:
    """Prefix and name of an operation of the port: `tagging:GetResources`, or `CreateKey` with the prefix `kms`."""
    prefix, separator, name = operation.partition(":")
    return (prefix, name) if separator else ("kms", operation)


def event_source(prefix: str) -> str:
    """CloudTrail's eventSource of the service with this prefix; a prefix that nobody knows counts as KMS's."""
    return SERVICES.get(prefix, KMS).event_source


@cache
def operation_model(operation: str) -> OperationModel:
    """The model of an operation that the engine has, by the port's name."""
    prefix, name = split_name(operation)
    service = SERVICES[prefix]
    loaded = _load(service.model)
    found = loaded["operations"][name]
    return OperationModel(
        service,
        name,
        found["input"]["shape"],
        found.get("output", {}).get("shape"),
        loaded["shapes"],
    )


@cache
def has_output(operation: str) -> bool:
    """Whether the answer to `operation`, by the port's name, has anything in it."""
    return operation_model(operation).output is not None


@cache
def errors_of(operation: str) -> frozenset[str]:
    """The codes of the errors that the model lists for an operation, by the port's name."""
    prefix, name = split_name(operation)
    loaded = _load(SERVICES[prefix].model)
    shapes = (error["shape"] for error in loaded["operations"][name].get("errors", ()))
    return frozenset(loaded["shapes"][shape].get("error", {}).get("code", shape) for shape in shapes)


@cache
def error_shapes(prefix: str) -> Mapping[str, Any]:
    """The error shapes of the service with this prefix, by the code that goes over the wire."""
    shapes = _load(SERVICES[prefix].model)["shapes"].items()
    return {shape.get("error", {}).get("code", name): shape for name, shape in shapes if shape.get("exception")}


@cache
def metadata(prefix: str) -> Mapping[str, Any]:
    """What the model of the service with this prefix says of its protocols."""
    found: Mapping[str, Any] = _load(SERVICES[prefix].model)["metadata"]
    return found


@cache
def _load(model: str) -> Any:
    """The newest version of a model, read from botocore's data files; botocore itself takes long to import."""
    found = find_spec("botocore")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("botocore is not installed")
    newest = max((Path(found.origin).parent / "data" / model).iterdir())
    plain = newest / "service-2.json"  # as some distributions unpack them
    text = plain.read_bytes() if plain.exists() else gzip.decompress((newest / "service-2.json.gz").read_bytes())
    return orjson.loads(text)
