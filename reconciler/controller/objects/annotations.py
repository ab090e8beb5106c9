"""What people ask of one object by its annotations.

| annotation | value | means |
|---|---|---|
| `paused` | `"true"` | nothing is read or changed for it |
| `reconcile-at` | anything new | look at it now |
| `deletion-policy` | `Retain`, `Schedule`, `Delete` | what becomes of the resource when the object goes |
| `adopt` | a key id or ARN, or an alias | adopt that key |
| `allow` | names of risks, comma separated | accept these dangers, as `--allow` does |
| `prune` | `"true"` | aliases of the key that nobody declares are deleted |

All under `kms.reconciler.dev/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

PREFIX: Final = "kms.reconciler.dev/"
PAUSED: Final = PREFIX + "paused"
RECONCILE_AT: Final = PREFIX + "reconcile-at"
DELETION_POLICY: Final = PREFIX + "deletion-policy"
ADOPT: Final = PREFIX + "adopt"
ALLOW: Final = PREFIX + "allow"
PRUNE: Final = PREFIX + "prune"

_OF_KEYS: Final = frozenset({"Retain", "Schedule"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The annotations of one object that are ours."""

    paused: bool = False
    reconcile_at: str | None = None
    deletion_policy: str | None = None
    adopt: str | None = None
    allow: frozenset[str] = frozenset()
    prune: bool = False


def asked_of(annotations: Mapping[str, Any]) -> Asked:
    """Read from an object's annotations; what is not understood asks for nothing."""
    names = str(annotations.get(ALLOW, "")).split(",")
    return Asked(
        paused=_is_true(annotations.get(PAUSED)),
        reconcile_at=annotations.get(RECONCILE_AT),
        deletion_policy=annotations.get(DELETION_POLICY),
        adopt=annotations.get(ADOPT) or None,
        allow=frozenset(name.strip() for name in names if name.strip()),
        prune=_is_true(annotations.get(PRUNE)),
    )


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def with_asked(kind: str, spec: Mapping[str, Any], asked: Asked) -> Mapping[str, Any]:
    """`spec` with what annotations say of it: on keys, which one to adopt and what becomes of it in the end."""
    added: dict[str, Any] = {}
    if kind == "Key" and asked.adopt:
        known_by = "alias" if asked.adopt.startswith("alias/") else "keyId"
        added["adopt"] = {known_by: asked.adopt}
    if kind in ("Key", "ReplicaKey") and asked.deletion_policy in _OF_KEYS:
        added["deletion"] = {**spec.get("deletion", {}), "policy": asked.deletion_policy}
    return {**spec, **added} if added else spec
