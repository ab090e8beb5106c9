"""What people ask of one object by its annotations.

| annotation | value | means |
|---|---|---|
| `paused` | `"true"` | nothing is read or changed for it |
| `reconcile-at` | anything new | look at it now |
| `deletion-policy` | `Retain`, `Schedule`, `Delete` | what becomes of the resource when the object goes |
| `adopt` | a key id or ARN, or an alias | adopt that key |
| `allow` | names of risks, comma separated | accept these dangers, as `--allow` does |
| `prune` | `"true"` | aliases of the key that nobody declares are deleted |
| `lint-ignore` | `KC201: a reason` | findings of lint that are set aside, see `manifest.suppressions` |

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
LINT_IGNORE: Final = PREFIX + "lint-ignore"

_ALL: Final = (PAUSED, RECONCILE_AT, DELETION_POLICY, ADOPT, ALLOW, PRUNE, LINT_IGNORE)
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
    lint_ignore: str | None = None


def asked_of(annotations: Any) -> Asked:
    """Read from an object's annotations; what is not understood asks for nothing."""
    said = annotations if isinstance(annotations, Mapping) else {}
    texts = {name: value for name in _ALL if isinstance(value := said.get(name), str)}
    names = texts.get(ALLOW, "").split(",")
    return Asked(
        paused=_is_true(texts.get(PAUSED)),
        reconcile_at=texts.get(RECONCILE_AT),
        deletion_policy=texts.get(DELETION_POLICY),
        adopt=texts.get(ADOPT) or None,
        allow=frozenset(name.strip() for name in names if name.strip()),
        prune=_is_true(texts.get(PRUNE)),
        lint_ignore=texts.get(LINT_IGNORE) or None,
    )


def _is_true(value: str | None) -> bool:
    return value is not None and value.lower() == "true"


def with_asked(kind: str, spec: Any, asked: Asked) -> Any:
    """`spec` with what annotations say of it: on keys, which one to adopt and what becomes of it in the end.

    A spec that is none stays what it is: whoever reads it says so.
    """
    if not isinstance(spec, Mapping) or not isinstance(spec.get("deletion", {}), Mapping):
        return spec
    added: dict[str, Any] = {}
    if kind == "Key" and asked.adopt:
        known_by = "alias" if asked.adopt.startswith("alias/") else "keyId"
        added["adopt"] = {known_by: asked.adopt}
    if kind in ("Key", "ReplicaKey") and asked.deletion_policy in _OF_KEYS:
        added["deletion"] = {**spec.get("deletion", {}), "policy": asked.deletion_policy}
    return {**spec, **added} if added else spec
