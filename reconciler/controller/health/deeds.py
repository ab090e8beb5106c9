"""What the carrying out of a change is told as."""

from __future__ import annotations

from typing import Final

from reconciler.controller.health.events import Deed
from reconciler.controller.health.reasons import EventReason
from reconciler.controller.health.wording import listed
from reconciler.model.address import KEYS
from reconciler.plan.changes import Action, Change, Reason
from reconciler.plan.steps import RotateOnDemand

_MOST_FIELDS: Final = 10


def deed_of(change: Change, *, resource_id: str | None, correcting: bool) -> Deed | None:
    """What to tell of `change` once all its steps are done; None where there is nothing to tell.

    Args:
        change: of the plan that was applied.
        resource_id: key id, alias name or grant id of what there is now.
        correcting: whether the object had been brought about before and has not changed since: what differed is drift.
    """
    reason = _reason(change, correcting=correcting)
    if reason is None:
        return None
    fields = listed((field.path for field in change.fields if not field.cosmetic), most=_MOST_FIELDS)
    of = f"{change.address.kind} {resource_id or change.resource_id or change.address.name}"
    return Deed(reason, f"{_VERBS[reason]} {of}{f': {fields}' if fields and reason in _WITH_FIELDS else ''}")


_WITH_FIELDS: Final = frozenset(
    {EventReason.ADOPTED, EventReason.UPDATED, EventReason.ROTATED, EventReason.DRIFT_CORRECTED}
)
_VERBS: Final = {
    EventReason.CREATED: "created",
    EventReason.ADOPTED: "adopted",
    EventReason.UPDATED: "updated",
    EventReason.REPLACED: "made the successor",
    EventReason.ROTATED: "rotated",
    EventReason.DRIFT_CORRECTED: "corrected",
    EventReason.DELETION_SCHEDULED: "scheduled the deletion of",
    EventReason.DELETION_CANCELLED: "cancelled the deletion of",
    EventReason.DELETED: "deleted",
    EventReason.RETAINED: "left in place",
}
_REASONS: Final = {
    Action.CREATE: EventReason.CREATED,
    Action.ADOPT: EventReason.ADOPTED,
    Action.REPLACE: EventReason.REPLACED,
    Action.CANCEL_DELETION: EventReason.DELETION_CANCELLED,
    Action.DISABLE: EventReason.UPDATED,
    Action.SCHEDULE_DELETION: EventReason.DELETION_SCHEDULED,
    Action.DISOWN: EventReason.RETAINED,
    Action.DELETE: EventReason.DELETED,
}


def _reason(change: Change, *, correcting: bool) -> EventReason | None:
    if not change.effective:
        return None
    if change.reason is Reason.ROTATION_DUE:
        return EventReason.ROTATED
    if correcting and change.action is Action.CREATE and change.address.kind not in KEYS:
        return EventReason.DRIFT_CORRECTED  # somebody had deleted the alias, or revoked the grant
    if change.action is Action.UPDATE:
        if any(isinstance(step, RotateOnDemand) for step in change.steps):
            return EventReason.ROTATED
        if change.notes:
            return None  # what kmsctl notes down for itself is nobody's news
        return EventReason.DRIFT_CORRECTED if correcting else EventReason.UPDATED
    return _REASONS.get(change.action)
