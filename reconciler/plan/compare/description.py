"""The description of a key."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import DesiredKey
from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.steps import ExistingKey, UpdateDescription


def compare_description(desired: DesiredKey, observed: ObservedKey) -> Facet:
    """Compared to the letter; left alone when it is not declared or ignored."""
    if desired.description is ABSENT or "description" in desired.ignore.fields:
        return SAME
    if desired.description == observed.description:
        return SAME
    return Facet(
        (FieldChange("description", observed.description, desired.description),),
        (UpdateDescription(ExistingKey(observed.key_id), desired.description),),
    )
