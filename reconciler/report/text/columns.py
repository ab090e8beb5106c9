"""How wide text is on a terminal.

Source: https://www.unicode.org/reports/tr11/ (East Asian width); combining marks take no column.
"""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """How many columns of a terminal `text`, printable and without colours, takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
