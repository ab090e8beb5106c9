"""Injective encodings of byte strings and of encryption contexts, for use as authenticated data.

Each part is preceded by its length in four bytes, so no two different inputs have the same encoding: `{a: bc}` and
`{ab: c}` differ, and so do one pair and two.
"""

from __future__ import annotations

from collections.abc import Mapping


def encode_parts(*parts: bytes) -> bytes:
    """`parts`, each after its length as four bytes, most significant first."""
    return b"".join([piece for part in parts for piece in (len(part).to_bytes(4, "big"), part)])


def encode_context(context: Mapping[str, str]) -> bytes:
    """The encryption context, whatever order its pairs came in: their number, then keys and values by key."""
    if not context:
        return b"\0\0\0\0"
    parts = [len(context).to_bytes(4, "big")]
    for key, value in sorted([(_utf8(key), _utf8(value)) for key, value in context.items()]):
        parts += (len(key).to_bytes(4, "big"), key, len(value).to_bytes(4, "big"), value)
    return b"".join(parts)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
