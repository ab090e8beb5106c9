"""How many grants a key has, which its tag says before the next one is created: a grant's own business. Pure.

A key and the grants on it are objects that may be looked at apart. What a grant leaves on its key is raised with the
grant, whatever else of the key differs: docs/adr/0007-reading-grants-by-retiring-principal.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.model.address import KEYS, Address
from reconciler.model.ownership import GRANTS_TAG
from reconciler.plan.changes import Action, Change
from reconciler.plan.steps import TagKey

_PATH = f"tags[{GRANTS_TAG}]"


def counts(changes: Iterable[Change]) -> dict[Address, Change]:
    """Of each key among `changes` whose tag is to say another number, no more than that."""
    return {change.address: count for change in changes if (count := _count(change)) is not None}


def _count(change: Change) -> Change | None:
    if change.address.kind not in KEYS or change.action is not Action.UPDATE:
        return None
    for step in change.steps:
        if isinstance(step, TagKey) and GRANTS_TAG in step.tags:
            fields = tuple(field for field in change.fields if field.path == _PATH)
            steps = (TagKey(step.key, {GRANTS_TAG: step.tags[GRANTS_TAG]}),)
            return replace(change, fields=fields, steps=steps, depends_on=(), risks=(), statement_positions=())
    return None
