"""One JSON text for one value, and its digest.

Two values that are equal as JSON have the same canonical text whatever order their keys came in, so a
digest pins content. The form follows RFC 8785 where Python's encoder does: keys sorted, no white space, UTF-8.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final


def canonical_json(value: Any) -> str:
    """The canonical JSON text of `value`.

    `value` is made of what JSON has, and of datetimes (written as ISO 8601), sets of strings (sorted), enums (as their
    values) and dataclasses (as their class's name and their fields in order, in a list).

    Raises:
        TypeError: `value` holds something else; bytes in particular, so that no key material slips through.
    """
    return _ENCODER.encode(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON text, as 64 hexadecimal digits."""
    return digest_of_all((value,))


def digest_of_all(values: Iterable[Any]) -> str:
    """SHA-256 of the canonical JSON texts of `values`, a line each; only one text is in memory at a time."""
    sha = hashlib.sha256()
    for place, value in enumerate(values):
        text = canonical_json(value)
        sha.update((f"\n{text}" if place else text).encode("utf-8", "surrogatepass"))
    return sha.hexdigest()


def _extended(value: Any) -> Any:
    kind: Any = type(value)
    fields = _fields(kind)
    if fields is not None:
        return [type(value).__name__, fields(value)]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no canonical JSON form")


@cache
def _fields(kind: Any) -> Callable[[Any], Any] | None:
    """What reads the fields of a dataclass; None for other types."""
    if not dataclasses.is_dataclass(kind):
        return None
    names = [field.name for field in dataclasses.fields(kind)]
    return attrgetter(*names) if names else lambda _: ()


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_extended)
