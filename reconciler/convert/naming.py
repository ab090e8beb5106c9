"""Names of manifests, after what other tools call their resources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Between words that are told apart by capitals: `OrdersKMSKey` is orders-kms-key."""
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 200
"""Room for numbers, and for stack and digest in the names of grants."""


def valid(name: str) -> str:
    """`name` in letters, digits and dashes, as manifests and Kubernetes take it; empty where nothing is left of it."""
    return _NO_NAME.sub("-", _HUMP.sub("-", name).lower())[:_LONGEST].strip("-")


@dataclass(slots=True)
class Names:
    """Names that were given, so that each is given once among the manifests that share them."""

    _taken: dict[str, set[str]] = field(default_factory=dict)

    def give(self, wished: str, group: str) -> str:
        """`wished` made valid, with a number behind it if it is taken among those of `group`."""
        stem = valid(wished) or group
        taken = self._taken.setdefault(group, set())
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        return name
