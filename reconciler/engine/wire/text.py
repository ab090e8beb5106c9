"""Texts from callers: what can be stored, and what is repeated of them in messages."""

from __future__ import annotations

from typing import Final

SHOWN: Final = 1_024
"""Characters of a value that a message repeats."""


def is_unicode(text: str) -> bool:
    """Whether `text` is Unicode text: no lone surrogates, which neither UTF-8 nor the store can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(text: object) -> str:
    """What a message repeats of `text`: its beginning, lone surrogates as escapes."""
    return unicode(str(text)[:SHOWN])


def unicode(text: str) -> str:
    """`text` with lone surrogates as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
