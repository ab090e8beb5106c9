"""Bounds of a request."""

from __future__ import annotations

from typing import Final

MAX_BODY: Final = 1024 * 1024
"""Bytes of a body. The largest that the service model allows is PutKeyPolicy's: a policy of 131,072 characters, each of
which takes six bytes when JSON escapes it (768 KiB)."""
BODY_TIMEOUT: Final = 20.0
"""Seconds in which the whole body must have come."""
HEADER_TIMEOUT: Final = 20.0
"""Seconds in which the headers must have come."""
MAX_HEADERS: Final = 64 * 1024
"""Bytes of the buffer that headers must fit into."""
