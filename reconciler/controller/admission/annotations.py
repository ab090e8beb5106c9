"""Annotations of ours that ask for nothing as they are written: a person meant something by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.controller.objects.annotations import ignored


def annotation_warnings(new: Mapping[str, Any], old: Mapping[str, Any] | None) -> Iterator[str]:
    """What to say of the annotations of the object `new` that are not in `old`."""
    before = _annotations(old)
    return ignored({name: value for name, value in _annotations(new).items() if before.get(name) != value})


def _annotations(body: Mapping[str, Any] | None) -> Mapping[str, Any]:
    metadata = (body or {}).get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return annotations if isinstance(annotations, dict) else {}
