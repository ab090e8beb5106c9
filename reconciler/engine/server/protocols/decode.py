"""From what a JSON body holds to the port's parameters, compiled from the service model once an operation.

A decoder sees to what the wire can get wrong: values of another type, blobs, timestamps. Members that the model does
not know are dropped, as AWS does for clients that are newer than the service; null counts as absent. Whether values are
allowed is `wire.validate`'s to say. The words are those of AWS's JSON services.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from pybase64 import b64decode

from reconciler.engine.server.protocols.protocol import serialization
from reconciler.engine.wire.model import operation_model
from reconciler.kit.errors import KmsError

Decode = Callable[[Any], Any]


@cache
def decoder(operation: str) -> Decode:
    """The decoder of the input of the port's `operation`; it raises SerializationException."""
    model = operation_model(operation)
    return _compile(model.shapes, model.input)


def _mistyped(value: Any, wanted: str) -> KmsError:
    """`value` is of another type than the model says; only its type is told."""
    match value:
        case bool():
            said = f"{str(value).upper()}_VALUE can not be converted to {wanted}"
        case int() | float():
            said = f"NUMBER_VALUE can not be converted to {wanted}"
        case str():
            said = f"STRING_VALUE can not be converted to {wanted}"
        case list():
            said = "Start of list found where not expected"
        case dict():
            said = "Start of structure or map found where not expected."
        case _:
            said = f"The value can not be converted to {wanted}"
    return serialization(said)


def _compile(shapes: Mapping[str, Any], name: str) -> Decode:
    shape = shapes[name]
    match shape["type"]:
        case "structure":
            members = {member: _compile(shapes, target["shape"]) for member, target in shape["members"].items()}
            return partial(_structure, members)
        case "list":
            return partial(_list, _compile(shapes, shape["member"]["shape"]))
        case "map":
            return partial(_map, _compile(shapes, shape["value"]["shape"]))
        case "string":
            return _string
        case "blob":
            return _blob
        case "timestamp":
            return _timestamp
        case "boolean":
            return _boolean
        case "integer" | "long":
            return _integer
        case other:
            raise ValueError(f"the service model has an input shape of type {other}")


def _structure(members: Mapping[str, Decode], value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise _mistyped(value, "a Structure")
    return {name: members[name](item) for name, item in value.items() if item is not None and name in members}


def _list(member: Decode, value: Any) -> list[Any]:
    if type(value) is not list:
        raise _mistyped(value, "a List")
    return [member(item) for item in value if item is not None]


def _map(item_decoder: Decode, value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise _mistyped(value, "a Map")
    return {_string(key): item_decoder(item) for key, item in value.items() if item is not None}


def _string(value: Any) -> str:
    if type(value) is not str:
        raise _mistyped(value, "a String")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise _mistyped(value, "an Integer")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise _mistyped(value, "a Boolean")
    return value


def _blob(value: Any) -> bytes:
    """Base64 with its padding and nothing else in it (RFC 4648, section 4)."""
    if type(value) is not str:
        raise _mistyped(value, "a Blob")
    try:
        return b64decode(value, validate=True)
    except ValueError:
        raise serialization("A blob is not base64.") from None


def _timestamp(value: Any) -> datetime:
    """Seconds since the epoch, with a fraction or without."""
    if type(value) is not int and type(value) is not float:
        raise _mistyped(value, "a Timestamp")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise serialization("A timestamp is out of range.") from None
