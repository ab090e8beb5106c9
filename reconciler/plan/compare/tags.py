"""The tags of a key: those that are declared, and those by which kmsctl knows it.

Tags that nobody declared belong to somebody else and are left alone, so a company's auto-tagger and kmsctl get along.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import DesiredKey
from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.steps import ExistingKey, TagKey


def compare_tags(desired: DesiredKey, observed: ObservedKey, own: Mapping[str, str]) -> Facet:
    """Declared tags that are missing or have another value; `own` are the tags of ownership, never ignored."""
    return _compare(observed, {**declared_tags(desired), **own})


def compare_own_tags(observed: ObservedKey, own: Mapping[str, str], *, late: bool = False) -> Facet:
    """Tags of ownership alone; `late` when they say that something has been done with related keys."""
    return _compare(observed, own, late=late)


def _compare(observed: ObservedKey, wanted: Mapping[str, str], *, late: bool = False) -> Facet:
    differing = {key: value for key, value in sorted(wanted.items()) if observed.tags.get(key) != value}
    if not differing:
        return SAME
    fields = tuple(
        FieldChange(f"tags[{key}]", observed.tags.get(key, ABSENT), value) for key, value in differing.items()
    )
    return Facet(fields, (TagKey(ExistingKey(observed.key_id), differing, late),))


def declared_tags(desired: DesiredKey) -> dict[str, str]:
    """The tags that the manifest declares and does not ignore."""
    if desired.tags is ABSENT or "tags" in desired.ignore.fields:
        return {}
    patterns = desired.ignore.tags
    return {key: value for key, value in desired.tags.items() if not any(fnmatchcase(key, p) for p in patterns)}
