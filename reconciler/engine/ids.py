"""Random identifiers."""

from __future__ import annotations

import os


def random_uuid() -> str:
    """A random UUID (RFC 9562, version 4): key ids, event ids, request ids."""
    text = os.urandom(16).hex()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def multi_region_key_id() -> str:
    """The id of a multi-Region key: `mrk-` and 32 hexadecimal digits."""
    return f"mrk-{os.urandom(16).hex()}"
