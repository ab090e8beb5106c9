"""What KMS fixes at creation."""

from __future__ import annotations

from reconciler.model.desired import DesiredKey
from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import FieldChange


def compare_immutable(desired: DesiredKey, observed: ObservedKey) -> tuple[FieldChange, ...]:
    """The declared fields that differ and that no call can change."""
    pairs = (
        ("keySpec", str(observed.key_spec), str(desired.key_spec)),
        ("keyUsage", str(observed.key_usage), str(desired.key_usage)),
        ("origin", str(observed.origin), str(desired.origin)),
        ("multiRegion", observed.multi_region, desired.multi_region),
    )
    return tuple(FieldChange(path, before, after) for path, before, after in pairs if before != after)
