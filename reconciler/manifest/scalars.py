"""Plain scalars by the core schema of YAML 1.2: `no`, `on`, dates and `1:30` are text.

Source: https://yaml.org/spec/1.2.2/#103-core-schema. Three departures, all towards text:
- exactly twelve digits are text, because they are an AWS account id, and a number would lose its leading zeros;
- numbers that JSON has not (`.inf`, `.nan`, `1e999`) are text;
- integers of more than `MAX_INTEGER_DIGITS` digits are text.
"""

from __future__ import annotations

import math
import re
from types import MappingProxyType
from typing import Final

from reconciler.manifest.limits import MAX_INTEGER_DIGITS

Scalar = str | int | float | bool | None

_WORDS: Final = MappingProxyType(
    {
        **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
        **dict.fromkeys(("true", "True", "TRUE"), True),
        **dict.fromkeys(("false", "False", "FALSE"), False),
    }
)
_STARTS: Final = frozenset("~nNtTfF+-.0123456789")
_ACCOUNT_DIGITS: Final = 12
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def resolve(text: str) -> Scalar:
    """The value that the unquoted scalar `text` stands for."""
    if text and text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return _number(text)


def _number(text: str) -> Scalar:
    if _DECIMAL.fullmatch(text):
        return _integer(text, text, 10)
    if _OCTAL.fullmatch(text):
        return _integer(text, text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return _integer(text, text[2:], 16)
    if _FLOAT.fullmatch(text) and math.isfinite(value := float(text)):
        return value
    return text


def _integer(text: str, digits: str, base: int) -> int | str:
    if len(digits) > MAX_INTEGER_DIGITS or (base == 10 and digits.isdecimal() and len(digits) == _ACCOUNT_DIGITS):
        return text
    return int(digits, base)
