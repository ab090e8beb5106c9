"""What values a condition key can have: so that no witness is a request that nobody can make."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


class Kind(enum.Enum):
    """The type of a condition key's values."""

    TEXT = "text"
    BOOLEAN = "boolean"
    NUMBER = "number"
    """Whole, not negative: AWS has no other."""
    DATE = "date"
    EPOCH = "epoch"
    """A date as seconds since 1970."""
    ADDRESS = "address"
    ARN = "arn"
    UNKNOWN = "unknown"
    """A key that nobody has told us of: any text, or several."""


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What is known of a condition key."""

    kind: Kind
    many: bool
    """A request can have several values of it."""
    always: bool
    """Every request on a key has it."""


@lru_cache(maxsize=1)
def _data() -> tuple[dict[str, KeyKind], tuple[str, ...]]:
    read = json.loads(files(__package__).joinpath("keykinds.json").read_text("utf-8"))
    always = {key.lower() for key in read["always"]}
    found = {
        key.lower(): KeyKind(kind, many=False, always=key.lower() in always)
        for kind in Kind
        for key in read.get(kind.value, ())
    }
    found |= {key.lower(): KeyKind(Kind.TEXT, many=True, always=False) for key in read["many"]}
    found |= {key: KeyKind(Kind.TEXT, many=False, always=True) for key in always - found.keys()}
    return found, tuple(prefix.lower() for prefix in read["textPrefixes"])


@lru_cache(maxsize=1024)
def kind_of(key: str) -> KeyKind:
    """The kind of `key`, in lower case."""
    known, prefixes = _data()
    if key in known:
        return known[key]
    if key.startswith(prefixes):
        return KeyKind(Kind.TEXT, many=False, always=False)
    return KeyKind(Kind.UNKNOWN, many=True, always=False)
