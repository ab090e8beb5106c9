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
def _read() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(files(__package__).joinpath("keykinds.json").read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def _data() -> tuple[dict[str, KeyKind], tuple[str, ...]]:
    read = _read()
    always = {key.lower() for key in read["always"]}
    found = {
        key.lower(): KeyKind(kind, many=False, always=key.lower() in always)
        for kind in Kind
        for key in read.get(kind.value, ())
    }
    found |= {key.lower(): KeyKind(Kind.TEXT, many=True, always=False) for key in read["many"]}
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


@lru_cache(maxsize=1)
def _spellings() -> tuple[dict[str, str], tuple[str, ...]]:
    read = _read()
    names = (key for kind in (*(one.value for one in Kind), "many") for key in read.get(kind, ()))
    return {key.lower(): key for key in names}, tuple(read["textPrefixes"])


def spelled(key: str) -> str:
    """`key`, in lower case, as AWS writes it, as far as that is known."""
    known, prefixes = _spellings()
    for prefix in prefixes:
        if key.startswith(prefix.lower()):
            return prefix + key[len(prefix) :]
    return known.get(key, key)
