"""Checks of parameters, compiled from the service model once an operation, that say what is wrong.

A check takes a value, where it is, and a list of faults to add to; it gives the value back in the form that operations
work with: blobs as bytes, lists and maps as copies. Faults are in AWS's words
(https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html, ValidationError); what AWS's SDKs refuse
before they send anything (a parameter that the model does not know, a value of another type) is a fault too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from reconciler.engine.wire.model import operation_model
from reconciler.engine.wire.patterns import compile_pattern
from reconciler.engine.wire.quick import NotPlainError, Quick, bounds, quick
from reconciler.engine.wire.text import is_unicode, shown
from reconciler.kit.errors import KmsError

Check = Callable[[Any, str, list[str]], Any]

_MAX_BITS: Final = 63
"""Of an integer on the wire, without its sign; and Python refuses to write very long ones."""
_MOST_TOLD: Final = 50
"""Faults that a message repeats: it is kept in the audit record, and a list can have any number of faulty members."""


def validate(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """`parameters` checked against the model of `operation`; a parameter that is None counts as absent.

    Raises:
        KmsError: ValidationException (or the service's own code) with the faults.
    """
    try:
        plain: dict[str, Any] = _quick(operation)(parameters)
    except (NotPlainError, KeyError):
        return _explained(operation, parameters)
    return plain


def _explained(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    faults: list[str] = []
    given = {name: value for name, value in parameters.items() if value is not None}
    checked: dict[str, Any] = _compiled(operation)(given, "", faults)
    if faults:
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
        told = "; ".join(faults[:_MOST_TOLD])
        raise KmsError(operation_model(operation).service.invalid_code, count + told)
    return checked


@cache
def _quick(operation: str) -> Quick:
    model = operation_model(operation)
    return quick(model.shapes, model.input)


@cache
def _compiled(operation: str) -> Check:
    model = operation_model(operation)
    return _compile(model.shapes, model.input)


def _compile(shapes: Mapping[str, Any], name: str) -> Check:
    shape = shapes[name]
    match shape["type"]:
        case "structure":
            members = {
                member: (lower_first(member), _compile(shapes, target["shape"]))
                for member, target in shape["members"].items()
            }
            return _structure(members, frozenset(shape.get("required", ())))
        case "list":
            return _list(_compile(shapes, shape["member"]["shape"]), shape)
        case "map":
            return _map(_compile(shapes, shape["key"]["shape"]), _compile(shapes, shape["value"]["shape"]))
        case "string":
            return _string(shape)
        case "blob":
            return _blob(shape)
        case "integer" | "long":
            return _integer(shape)
        case "boolean":
            return _boolean
        case "timestamp":
            return _timestamp
        case other:
            raise ValueError(f"the service model has a shape of type {other}")


def lower_first(name: str) -> str:
    """A member's name as AWS's messages and CloudTrail write it: `KeyId` is `keyId`."""
    return name[:1].lower() + name[1:]


def _structure(members: Mapping[str, tuple[str, Check]], required: frozenset[str]) -> Check:
    def check(value: Any, path: str, faults: list[str]) -> Any:
        if not isinstance(value, Mapping):
            return _wrong_type(path, "a structure", faults)
        inside = f"{path}." if path else ""
        missing = [inside + members[name][0] for name in sorted(required - value.keys())]
        faults += [_fault("Value null", where, "Member must not be null") for where in missing]
        checked = {}
        for name, item in value.items():
            member = members.get(name)
            if member is None:
                faults.append(f'Unknown parameter in input: "{shown(name)}", must be one of: {", ".join(members)}')
            else:
                checked[name] = member[1](item, inside + member[0], faults)
        return checked

    return check


def _list(member: Check, shape: Mapping[str, Any]) -> Check:
    length = _length(shape)

    def check(value: Any, path: str, faults: list[str]) -> Any:
        if not isinstance(value, list | tuple):
            return _wrong_type(path, "a list", faults)
        length(len(value), "Value", path, faults)
        return [member(item, f"{path}.{index}.member", faults) for index, item in enumerate(value, 1)]

    return check


def _map(key: Check, value_check: Check) -> Check:
    def check(value: Any, path: str, faults: list[str]) -> Any:
        if not isinstance(value, Mapping):
            return _wrong_type(path, "a map", faults)
        return {
            key(name, f"{path}.key", faults): value_check(item, f"{path}.value", faults) for name, item in value.items()
        }

    return check


def _string(shape: Mapping[str, Any]) -> Check:
    length = _length(shape)
    allowed = tuple(shape.get("enum", ()))
    pattern = shape.get("pattern")
    matches = compile_pattern(pattern) if pattern else None
    secret = bool(shape.get("sensitive"))

    def check(value: Any, path: str, faults: list[str]) -> Any:
        if not isinstance(value, str):
            return _wrong_type(path, "a string", faults)
        if not (value.isascii() or is_unicode(value)):
            return _wrong_type(path, "Unicode text", faults)
        said = "Value" if secret else f"Value '{shown(value)}'"
        if allowed and value not in allowed:
            faults.append(_fault(said, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]"))
        length(len(value), said, path, faults)
        if matches is not None and not matches(value):
            faults.append(_fault(said, path, f"Member must satisfy regular expression pattern: {pattern}"))
        return value

    return check


def _blob(shape: Mapping[str, Any]) -> Check:
    length = _length(shape)

    def check(value: Any, path: str, faults: list[str]) -> Any:
        if isinstance(value, str) and is_unicode(value):
            value = value.encode("utf-8")
        if not isinstance(value, bytes | bytearray | memoryview):
            return _wrong_type(path, "bytes", faults)
        content = bytes(value)
        length(len(content), "Value", path, faults)
        return content

    return check


def _integer(shape: Mapping[str, Any]) -> Check:
    low, high = shape.get("min"), shape.get("max")

    def check(value: Any, path: str, faults: list[str]) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            return _wrong_type(path, "an integer", faults)
        if value.bit_length() > _MAX_BITS:
            return _wrong_type(path, f"an integer of {_MAX_BITS} bits", faults)
        if low is not None and value < low:
            faults.append(_fault(f"Value '{value}'", path, f"Member must have value greater than or equal to {low}"))
        if high is not None and value > high:
            faults.append(_fault(f"Value '{value}'", path, f"Member must have value less than or equal to {high}"))
        return value

    return check


def _boolean(value: Any, path: str, faults: list[str]) -> Any:
    return value if isinstance(value, bool) else _wrong_type(path, "a boolean", faults)


def _timestamp(value: Any, path: str, faults: list[str]) -> Any:
    """A datetime, in UTC; one without a time zone is in UTC, as botocore takes it."""
    if not isinstance(value, datetime):
        return _wrong_type(path, "a timestamp", faults)
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        return _wrong_type(path, "a timestamp of the years 1 to 9999 in UTC", faults)


def _length(shape: Mapping[str, Any]) -> Callable[[int, str, str, list[str]], None]:
    low, high = bounds(shape)

    def check(size: int, said: str, path: str, faults: list[str]) -> None:
        if size < low:
            faults.append(_fault(said, path, f"Member must have length greater than or equal to {low}"))
        if size > high:
            faults.append(_fault(said, path, f"Member must have length less than or equal to {high}"))

    return check


def _fault(value: str, path: str, constraint: str) -> str:
    return f"{value} at '{path}' failed to satisfy constraint: {constraint}"


def _wrong_type(path: str, described: str, faults: list[str]) -> None:
    faults.append(_fault("Value", path, f"Member must be {described}"))
