"""Random identifiers."""

from __future__ import annotations

import uuid


def random_uuid() -> str:
    """A random UUID (RFC 9562, version 4): key ids, event ids, request ids."""
    return str(uuid.uuid4())


def multi_region_key_id() -> str:
    """The id of a multi-Region key: `mrk-` and 32 hexadecimal digits."""
    return f"mrk-{uuid.uuid4().hex}"
