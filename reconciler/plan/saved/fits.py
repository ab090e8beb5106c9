"""Whether a value is of the type that a field declares: what comes out of a file is believed in nothing.

Exact in what JSON confuses: true is no number, 1 is no text, and a subclass is not its base.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints


@cache
def field_types(cls: Any) -> Mapping[str, Any]:
    """The declared type of every field of a dataclass, by name."""
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def fits(value: Any, kind: Any) -> bool:
    """Whether `value` is one of the type `kind`; `Any` means what JSON has, tuples for lists."""
    if kind is Any:
        return _is_plain(value)
    if isinstance(kind, NewType):
        return fits(value, kind.__supertype__)
    if kind is float:
        return type(value) in (int, float) and math.isfinite(value)
    if kind is datetime:
        return type(value) is datetime and value.tzinfo is not None
    origin = get_origin(kind)
    return type(value) is (kind or types.NoneType) if origin is None else _fits_form(value, origin, get_args(kind))


def _fits_form(value: Any, origin: Any, arguments: tuple[Any, ...]) -> bool:
    if origin is Literal:
        return any(type(value) is type(choice) and value == choice for choice in arguments)
    if origin in (Union, types.UnionType):
        return any(fits(value, choice) for choice in arguments)
    if origin in (tuple, Sequence):  # every tuple of ours is `tuple[T, ...]`, and what is read is a tuple
        return type(value) is tuple and all(fits(item, arguments[0]) for item in value)
    if origin is frozenset:
        return type(value) is frozenset and all(fits(item, arguments[0]) for item in value)
    of_key, of_value = arguments  # the one form left is `Mapping[K, V]`
    return type(value) is dict and all(fits(key, of_key) and fits(item, of_value) for key, item in value.items())


def _is_plain(value: Any) -> bool:
    match value:
        case None | bool() | int() | str():
            return True
        case float():
            return math.isfinite(value)
        case tuple():
            return all(map(_is_plain, value))
        case dict():
            return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
        case _:
            return False
