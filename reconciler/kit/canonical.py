"""One JSON text for one value, and its digest.

Two values that are equal as JSON have the same canonical text whatever order their keys came in, so a
digest pins content. The form follows RFC 8785 where Python's encoder does: keys sorted, no white space, UTF-8.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any


def canonical_json(value: Any) -> str:
    """The canonical JSON text of `value`.

    `value` is made of what JSON has, and of datetimes (written as ISO 8601) and sets of strings (sorted).

    Raises:
        TypeError: `value` holds something else; bytes in particular, so that no key material slips through.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_extended)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def _extended(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical JSON form")
