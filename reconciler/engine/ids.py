"""Random identifiers."""

from __future__ import annotations

import os
from typing import Final

_AT_ONCE: Final = 127
"""Contents of UUIDs that are drawn ahead: asking the system costs more than all the rest of making one."""
_drawn: Final[list[bytes]] = []
os.register_at_fork(after_in_child=_drawn.clear)


def random_uuid() -> str:
    """A random UUID (RFC 9562, version 4): key ids, event ids, request ids."""
    try:
        return uuid_of(_drawn.pop())
    except IndexError:
        content = os.urandom(16 * (_AT_ONCE + 1))
        _drawn.extend(content[at : at + 16] for at in range(16, len(content), 16))
        return uuid_of(content[:16])


def uuid_of(content: bytes) -> str:
    """The UUID of version 4 with these 16 random bytes, six bits of which say that it is one."""
    text = content.hex()
    variant = "89ab"[content[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def multi_region_key_id() -> str:
    """The id of a multi-Region key: `mrk-` and 32 hexadecimal digits."""
    return f"mrk-{os.urandom(16).hex()}"
