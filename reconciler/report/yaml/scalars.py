"""Texts and lists as YAML, in flow style, so that what is read back is what was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

_PLAIN: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9/_.+=@-]*(:[A-Za-z0-9/_.+=@-]+|:(?=:))*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""What means itself without quotes, in a flow list too: words, and the ids of keys."""
_WORDS: Final = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})
"""What some readers of YAML take for something else than text."""
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def text(value: str) -> str:
    """`value` as a scalar that is text: plain where that is safe, else in double quotes, with escapes.

    Source: https://yaml.org/spec/1.2.2/#57-escaped-characters
    """
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return '"' + "".join(_SHORT.get(character) or _escaped(character) for character in value) + '"'


def listed(values: Iterable[str]) -> str:
    """`[a, b]`."""
    return f"[{', '.join(map(text, values))}]"


def mapped(pairs: Mapping[str, str]) -> str:
    """`{a: b}`."""
    return "{" + ", ".join(f"{text(name)}: {text(value)}" for name, value in pairs.items()) + "}"


def _escaped(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
