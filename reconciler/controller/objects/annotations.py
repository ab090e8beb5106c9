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

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.kit.printable import printable
from reconciler.manifest.wording import nearest

PREFIX: Final = "kms.reconciler.dev/"
PAUSED: Final = PREFIX + "paused"
RECONCILE_AT: Final = PREFIX + "reconcile-at"
DELETION_POLICY: Final = PREFIX + "deletion-policy"
ADOPT: Final = PREFIX + "adopt"
ALLOW: Final = PREFIX + "allow"
PRUNE: Final = PREFIX + "prune"
LINT_IGNORE: Final = PREFIX + "lint-ignore"

_ALL: Final[Mapping[str, tuple[str, ...]]] = {
    PAUSED: ("true", "false"),
    RECONCILE_AT: (),
    DELETION_POLICY: ("Retain", "Schedule", "Delete"),
    ADOPT: (),
    ALLOW: (),
    PRUNE: ("true", "false"),
    LINT_IGNORE: (),
}
"""What each may be; empty: anything."""
_MOST_IGNORED: Final = 20
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
    ignored: tuple[str, ...] = ()
    """What is to be said of those that ask for nothing as they are written."""


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
        ignored=tuple(sorted(ignored(said)))[:_MOST_IGNORED],
    )


def ignored(annotations: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each annotation under our prefix that asks for nothing: a person meant something by it."""
    for name, value in annotations.items():
        if not name.startswith(PREFIX):
            continue
        shown = printable(name, limit=80)
        if name not in _ALL:
            guess = nearest(name, _ALL)
            yield f"the annotation {shown} does nothing" + (f"; did you mean {guess}?" if guess else "")
        elif _ALL[name] and not (isinstance(value, str) and _means(value, _ALL[name])):
            yield f"the annotation {shown} does nothing: it can be {', '.join(_ALL[name])}"


def _means(value: str, words: tuple[str, ...]) -> bool:
    return value in words or (value.lower() in ("true", "false") and value.lower() in words)


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
