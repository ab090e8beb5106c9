"""EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.custom_stores.connection import put_state
from reconciler.engine.errors import invalid
from reconciler.engine.instants import DAY, to_datetime
from reconciler.engine.key_state import DISABLED, ENABLED, PENDING_DELETION, PENDING_IMPORT
from reconciler.engine.store.records import RotationSchedule

SHORTEST_WINDOW: Final = 7
LONGEST_WINDOW: Final = 30
"""Days that a deletion waits; the longest is the default."""


def _enable_key(call: Call) -> dict[str, Any]:
    key = call.key
    call.store.keys.update(key, put_state(call.store, key, ENABLED))
    if key.rotation is not None and key.rotation.due < call.now:
        # A rotation that fell due while the key was disabled happens now, once.
        call.store.keys.schedule_rotation(key, RotationSchedule(key.rotation.period, call.now))
    return {}


def _disable_key(call: Call) -> dict[str, Any]:
    call.store.keys.update(call.key, put_state(call.store, call.key, DISABLED))
    return {}


def _schedule_key_deletion(call: Call) -> dict[str, Any]:
    days = call.get("PendingWindowInDays", LONGEST_WINDOW)
    if not SHORTEST_WINDOW <= days <= LONGEST_WINDOW:
        raise invalid(f"PendingWindowInDays must be between {SHORTEST_WINDOW} and {LONGEST_WINDOW} days (inclusive)")
    due = call.now + days * DAY
    key = call.store.keys.update(call.key, {"state": PENDING_DELETION, "deletion_due": due, "resting_state": None})
    return {
        "KeyId": key.arn,
        "DeletionDate": to_datetime(due),
        "KeyState": key.state,
        "PendingWindowInDays": days,
    }


def _cancel_key_deletion(call: Call) -> dict[str, Any]:
    state = DISABLED if call.key.material_id is not None else PENDING_IMPORT
    call.store.keys.update(call.key, {**put_state(call.store, call.key, state), "deletion_due": None})
    return {"KeyId": call.key.arn}


OPERATIONS = (
    Operation("EnableKey", _enable_key, Access.WRITE),
    Operation("DisableKey", _disable_key, Access.WRITE),
    Operation("ScheduleKeyDeletion", _schedule_key_deletion, Access.WRITE),
    Operation("CancelKeyDeletion", _cancel_key_deletion, Access.WRITE),
)
