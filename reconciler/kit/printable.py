"""Text from elsewhere, made safe to print: names, tags and policies are written by strangers."""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that a terminal obeys or hides: controls, bidi and zero-width marks, surrogates."""


def printable(text: str, *, limit: int = 200) -> str:
    """`text` with everything that a terminal would obey written as an escape, cut to `limit` characters.

    Newlines are escaped too: one value is one line.
    """
    if len(text) > limit:
        text = text[:limit] + f"… ({len(text)} characters)"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(character) for character in text)


def is_hidden(character: str) -> bool:
    """Whether a terminal would obey `character` or hide it."""
    return unicodedata.category(character) in _HIDDEN


def _escape(character: str) -> str:
    if not is_hidden(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
