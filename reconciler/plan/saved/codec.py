"""Frozen values of the model and the plan as JSON, and back.

Only the classes listed here can come out of a file, whatever it says, and every field of theirs is of the type that it
declares. Every object, enum and value that JSON lacks is marked with its type, so that nothing is guessed when it is
read.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from reconciler.kit.absent import ABSENT
from reconciler.kit.diagnostics import Position
from reconciler.model import desired, keyspec, material, ownership, stores
from reconciler.model.accesstest import AccessTest, Expectation
from reconciler.model.address import Address, Kind
from reconciler.model.observed import Account
from reconciler.model.scope import Scope, Wanted
from reconciler.model.target import Target
from reconciler.plan import changes, steps
from reconciler.plan.saved.fits import field_types, fits

_CLASSES: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        *get_args(steps.Step),
        steps.ExistingKey,
        steps.PlannedKey,
        ownership.Ownership,
        desired.GrantTerms,
        desired.GrantConstraints,
        *get_args(material.SecretSource),
        *get_args(material.WhichMaterial),
        *get_args(stores.Backing),
        changes.Plan,
        changes.Change,
        changes.FieldChange,
        changes.Risk,
        changes.Cost,
        AccessTest,
        Account,
        Address,
        Expectation,
        Position,
        Scope,
        Target,
        Wanted,
    )
}
_ENUMS: dict[str, type[enum.Enum]] = {
    cls.__name__: cls
    for cls in (
        Kind,
        changes.Action,
        changes.Reason,
        changes.RiskLevel,
        keyspec.KeySpec,
        keyspec.KeyUsage,
        keyspec.Origin,
        keyspec.KeyState,
        material.WrappingAlgorithm,
    )
}


class Undecodable(ValueError):  # noqa: N818  named for what the text is
    """The text does not describe a value of ours."""


def encode(value: Any) -> Any:
    """`value` as what JSON has."""
    if value is ABSENT:
        return {"$absent": True}
    if isinstance(value, enum.Enum):
        return {"$enum": [type(value).__name__, value.value]}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [encode(entry) for entry in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"$type": type(value).__name__, **fields}
    if isinstance(value, Mapping):
        return {"$map": {key: encode(entry) for key, entry in value.items()}}
    if isinstance(value, frozenset | set):
        return {"$set": sorted(value)}
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} cannot be saved")


def decode(value: Any) -> Any:
    """What `encode` was given; sequences come back as tuples.

    Raises:
        Undecodable: it is not what `encode` writes.
    """
    match value:
        case {"$absent": True}:
            return ABSENT
        case {"$enum": [str(name), choice]}:
            return _member(name, choice)
        case {"$map": dict(entries)}:
            return {key: decode(entry) for key, entry in entries.items()}
        case {"$set": list(entries)}:
            return frozenset(map(str, entries))
        case {"$time": str(text)}:
            return _time(text)
        case {"$type": str(name), **fields}:
            return _object(name, {str(key): entry for key, entry in fields.items()})
        case list():
            return tuple(decode(entry) for entry in value)
        case None | str() | int() | float():
            return value
        case _:
            raise Undecodable("an object of no known type")


def _member(name: str, choice: Any) -> enum.Enum:
    try:
        return _ENUMS[name](choice)
    except (KeyError, TypeError, ValueError) as error:
        raise Undecodable(f"{name} has no member {choice!r}") from error


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Undecodable(f"{text!r} is no instant") from error


def _object(name: str, fields: dict[str, Any]) -> Any:
    if name not in _CLASSES:
        raise Undecodable(f"there is no {name}")
    cls: Any = _CLASSES[name]
    declared = field_types(cls)
    values = {key: decode(entry) for key, entry in fields.items()}
    for key, value in values.items():
        if key not in declared or not fits(value, declared[key]):
            raise Undecodable(f"{name}.{key} cannot be a {type(value).__name__} with what is in it")
    try:
        return cls(**values)
    except TypeError as error:  # a field is missing
        raise Undecodable(f"{name}: {error}") from error
