"""What a resource is called in plans, reports and errors."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from reconciler.model.identifiers import RUN_TARGET, TargetName


class Kind(enum.StrEnum):
    """The kinds of resource that a plan changes. Policies are part of their key."""

    CUSTOM_KEY_STORE = "CustomKeyStore"
    KEY = "Key"
    REPLICA_KEY = "ReplicaKey"
    ALIAS = "Alias"
    GRANT = "Grant"


KEYS = frozenset({Kind.KEY, Kind.REPLICA_KEY})
"""The kinds that are keys; no two of one stack have the same name, since aliases and grants refer to either by it."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """`Key/payments`, or `Key/payments@eu` for a resource of another target than the run's.

    A key, a replica and a grant are named by their manifest. An alias is named by its alias name without the
    `alias/` prefix, whether it has a manifest of its own or is declared by its key.
    """

    kind: Kind
    name: str
    target: TargetName = RUN_TARGET

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" + (f"@{self.target}" if self.target else "")
