"""Options of the form NAME=VALUE."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Iterable

Pair = tuple[str, str]


def pair(text: str) -> Pair:
    """`NAME=VALUE`; the value may be empty, and hold further equals signs."""
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise ArgumentTypeError(f"{text!r} is no pair; write NAME=VALUE")
    return name, value


def single(pairs: Iterable[Pair]) -> dict[str, str]:
    """Pairs of which the last of a name counts."""
    return dict(pairs)


def several(pairs: Iterable[Pair]) -> dict[str, tuple[str, ...]]:
    """Pairs of which all of a name count."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found
