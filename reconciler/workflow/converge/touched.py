"""What the steps of a plan may change in the lists of each target. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from reconciler.kms.observe import Sweeps
from reconciler.kms.refresh import Touched
from reconciler.model.address import KEYS, Address
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.plan.changes import Plan
from reconciler.plan.steps import CreateAlias, ExistingKey, PlannedKey, Step, UpdateAlias, targets_of


def touched_by(
    plan: Plan, created: Mapping[Address, KeyId], lists: Mapping[TargetName, Sweeps]
) -> dict[TargetName, Touched]:
    """By target, whether the steps were done or failed: of a call that failed nobody knows.

    Args:
        plan: what was carried out.
        created: the keys that were made.
        lists: of each target, from before.
    """
    found: defaultdict[TargetName, Touched] = defaultdict(Touched)
    for change, step in plan.steps():
        for target in targets_of(step, change.address.target):
            names = frozenset({change.address.name}) if change.address.kind in KEYS else frozenset()
            found[target] |= Touched(names, frozenset(_keys(step, created, lists.get(target))))
    return dict(found)


def _keys(step: Step, created: Mapping[Address, KeyId], lists: Sweeps | None) -> Iterator[KeyId]:
    """The keys that an alias comes to, and leaves; none of a key that was not made."""
    match step:
        case CreateAlias(key=ExistingKey(key)) | UpdateAlias(key=ExistingKey(key)):
            yield KeyId(key.rpartition("/")[2])
        case CreateAlias(key=PlannedKey(address)) | UpdateAlias(key=PlannedKey(address)) if address in created:
            yield created[address]
        case _:
            pass
    alias = getattr(step, "alias", None)
    before = lists.aliases.by_name.get(alias) if lists is not None and alias else None
    if before is not None and before.key_id is not None:
        yield before.key_id
