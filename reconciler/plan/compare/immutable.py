"""What KMS fixes at creation."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import DesiredKey
from reconciler.model.observed import ObservedKey
from reconciler.model.stores import ObservedStore
from reconciler.plan.changes import FieldChange


def compare_immutable(
    desired: DesiredKey, observed: ObservedKey, store: ObservedStore | None = None
) -> tuple[FieldChange, ...]:
    """The declared fields that differ and that no call can change; `store` is the declared custom key store."""
    pairs = (
        ("keySpec", str(observed.key_spec), str(desired.key_spec)),
        ("keyUsage", str(observed.key_usage), str(desired.key_usage)),
        ("origin", str(observed.origin), str(desired.origin)),
        ("multiRegion", observed.multi_region, desired.multi_region),
    )
    fields = tuple(FieldChange(path, before, after) for path, before, after in pairs if before != after)
    return fields if fields or desired.store is None else _custody(desired, observed, store)


def _custody(desired: DesiredKey, observed: ObservedKey, store: ObservedStore | None) -> tuple[FieldChange, ...]:
    """A declared store that is not there has no key yet, whatever else has the key."""
    where = store.store_id if store else None
    name = desired.store.name if desired.store else ""
    there = FieldChange("customKeyStoreRef", observed.store_id or ABSENT, where or name)
    behind = FieldChange("xksKeyId", observed.xks_key_id or ABSENT, desired.xks_key_id or ABSENT)
    return tuple(field for field in (there, behind) if field.before != field.after)
