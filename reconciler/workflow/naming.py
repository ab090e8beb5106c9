"""Names for manifests of keys that have none."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 240
"""Room for a suffix within the 253 characters that a name can have."""


def name_after(aliases: Sequence[str], arn: str) -> str:
    """A name that a manifest could have: after the first alias, or else the key id."""
    called = min(aliases).removeprefix("alias/") if aliases else arn.rpartition("/")[2]
    return _NO_NAME.sub("-", called.lower())[:_LONGEST].strip("-") or "key"


def unused(name: str, taken: Collection[str]) -> str:
    """`name`, or `name-2`, `name-3`, … if it is `taken`."""
    number = 1
    found = name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found
