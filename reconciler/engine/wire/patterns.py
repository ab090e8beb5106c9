"""The service model's patterns, which are Java's: as Python's, and those with classes of Unicode without a pattern.

Source: https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

Matches = Callable[[str], object]
"""Whether a text matches as a whole: true or false in the sense of `bool`."""

_CLASS: Final = re.compile(r"\\p\{(L|Z|N)\}")
"""Letters, separators, numbers: the first letter of Unicode's general category."""
_ONE_CLASS: Final = re.compile(r"\[(?P<inside>[^\]]+)\](?P<repeated>[*+])")


def compile_pattern(pattern: str) -> Matches:
    """The test that `pattern` stands for.

    Raises:
        ValueError: it has classes of Unicode, and is more than one repeated set of characters.
    """
    if not _CLASS.search(pattern):
        return re.compile(pattern, re.ASCII).fullmatch
    whole = _ONE_CLASS.fullmatch(pattern)
    if whole is None:
        raise ValueError(f"the service model has the pattern {pattern}")
    categories = frozenset(_CLASS.findall(whole["inside"]))
    others = re.compile(f"[{_CLASS.sub('', whole['inside'])}]", re.ASCII).fullmatch

    def matches(text: str) -> bool:
        if not text:
            return whole["repeated"] == "*"
        return all(unicodedata.category(one)[0] in categories or others(one) for one in text)

    return matches
