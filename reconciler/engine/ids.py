"""Random identifiers."""

from __future__ import annotations

import os
from typing import Final

from reconciler.engine.chance import Drawn

_contents: Final = Drawn(16)


def random_uuid() -> str:
    """A random UUID (RFC 9562, version 4): key ids, event ids, request ids."""
    return uuid_of(_contents())


def uuid_of(content: bytes) -> str:
    """The UUID of version 4 with these 16 random bytes, six bits of which say that it is one."""
    text = content.hex()
    variant = "89ab"[content[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def multi_region_key_id() -> str:
    """The id of a multi-Region key: `mrk-` and 32 hexadecimal digits."""
    return f"mrk-{os.urandom(16).hex()}"
