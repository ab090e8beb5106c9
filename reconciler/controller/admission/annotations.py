"""Annotations of ours that ask for nothing as they are written: a person meant something by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.controller.objects.annotations import (
    ADOPT,
    ALLOW,
    DELETION_POLICY,
    LINT_IGNORE,
    PAUSED,
    PREFIX,
    PRUNE,
    RECONCILE_AT,
)
from reconciler.kit.printable import printable
from reconciler.manifest.wording import nearest

_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    ADOPT: (),
    ALLOW: (),
    DELETION_POLICY: ("Retain", "Schedule", "Delete"),
    LINT_IGNORE: (),
    PAUSED: ("true", "false"),
    PRUNE: ("true", "false"),
    RECONCILE_AT: (),
}
"""What each may be; empty: anything."""


def annotation_warnings(new: Mapping[str, Any], old: Mapping[str, Any] | None) -> Iterator[str]:
    """What to say of the annotations of the object `new` that are not in `old`."""
    before = _annotations(old)
    for name, value in _annotations(new).items():
        if name.startswith(PREFIX) and before.get(name) != value:
            yield from _warnings(name, value)


def _annotations(body: Mapping[str, Any] | None) -> Mapping[str, Any]:
    metadata = (body or {}).get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return annotations if isinstance(annotations, dict) else {}


def _warnings(name: str, value: Any) -> Iterator[str]:
    shown = printable(name, limit=80)
    if name not in _VALUES:
        guess = nearest(name, _VALUES)
        yield f"the annotation {shown} does nothing" + (f"; did you mean {guess}?" if guess else "")
    elif _VALUES[name] and value not in _VALUES[name]:
        yield f"the annotation {shown} does nothing: it can be {', '.join(_VALUES[name])}"
