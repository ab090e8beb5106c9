"""Checks for parameters that are right, compiled from the service model once an operation.

Nearly all parameters are. So they are held against the model without a thought for where in the request a value is and
what would have to be said about it; whatever is not plainly right is `NotPlain`, and `wire.validate` looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from reconciler.engine.wire.patterns import compile_pattern
from reconciler.engine.wire.text import is_unicode

Quick = Callable[[Any], Any]
"""From a value to the form in which operations work with it."""


class NotPlainError(Exception):
    """The value may be wrong."""


def quick(shapes: Mapping[str, Any], name: str) -> Quick:
    """The check of the shape `name`.

    It raises NotPlainError, and KeyError for a member that the model does not know.
    """
    shape = shapes[name]
    match shape["type"]:
        case "structure":
            members = {member: quick(shapes, target["shape"]) for member, target in shape["members"].items()}
            return _structure(members, frozenset(shape.get("required", ())))
        case "list":
            return _list(quick(shapes, shape["member"]["shape"]), shape)
        case "map":
            return _map(quick(shapes, shape["key"]["shape"]), quick(shapes, shape["value"]["shape"]))
        case "string":
            return _string(shape)
        case "blob":
            return _blob(shape)
        case "boolean":
            return _boolean
        case _:
            return _never


def _structure(members: Mapping[str, Quick], required: frozenset[str]) -> Quick:
    def check(value: Any) -> Any:
        if type(value) is not dict or not required <= value.keys():
            raise NotPlainError
        return {name: members[name](item) for name, item in value.items()}

    return check


def _list(member: Quick, shape: Mapping[str, Any]) -> Quick:
    low, high = bounds(shape)

    def check(value: Any) -> Any:
        if type(value) is not list or not low <= len(value) <= high:
            raise NotPlainError
        return [member(item) for item in value]

    return check


def _map(key: Quick, value_check: Quick) -> Quick:
    def check(value: Any) -> Any:
        if type(value) is not dict:
            raise NotPlainError
        return {key(name): value_check(item) for name, item in value.items()}

    return check


def _string(shape: Mapping[str, Any]) -> Quick:
    low, high = bounds(shape)
    allowed = frozenset(shape.get("enum", ()))
    pattern = shape.get("pattern")
    matches = compile_pattern(pattern) if pattern else None

    def check(value: Any) -> Any:
        if (
            type(value) is str
            and low <= len(value) <= high
            and (not allowed or value in allowed)
            and (matches is None or matches(value))
            and (value.isascii() or is_unicode(value))
        ):
            return value
        raise NotPlainError

    return check


def _blob(shape: Mapping[str, Any]) -> Quick:
    low, high = bounds(shape)

    def check(value: Any) -> Any:
        if type(value) is bytes and low <= len(value) <= high:
            return value
        raise NotPlainError

    return check


def _boolean(value: Any) -> Any:
    if value is True or value is False:
        return value
    raise NotPlainError


def _never(_: Any) -> Any:
    """Numbers and instants have rules of their own, and no operation of which there are many has them."""
    raise NotPlainError


def bounds(shape: Mapping[str, Any]) -> tuple[int, float]:
    """The least and the greatest length."""
    return shape.get("min", 0), shape.get("max", inf)
