"""EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.custom_stores.connection import put_state
from reconciler.engine.errors import invalid
from reconciler.engine.instants import DAY, to_datetime
from reconciler.engine.keys.imported import state_at_rest
from reconciler.engine.keys.regions import is_replica, replicas_of
from reconciler.engine.keys.state import DISABLED, ENABLED, PENDING_DELETION, PENDING_REPLICA_DELETION
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
    answer = {"KeyId": call.key.arn, "PendingWindowInDays": days}
    if not is_replica(call.key) and replicas_of(call.store, call.key):
        _begin_to_die(call, {"state": PENDING_REPLICA_DELETION, "deletion_window": days})
        return answer | {"KeyState": PENDING_REPLICA_DELETION}
    due = call.now + days * DAY
    _begin_to_die(call, {"state": PENDING_DELETION, "deletion_due": due})
    return answer | {"KeyState": PENDING_DELETION, "DeletionDate": to_datetime(due)}


def _begin_to_die(call: Call, changes: dict[str, Any]) -> None:
    call.store.keys.update(call.key, changes | {"resting_state": None, "settles": None})


def _cancel_key_deletion(call: Call) -> dict[str, Any]:
    state = state_at_rest(call.store, call.key, DISABLED)
    changes = put_state(call.store, call.key, state)
    call.store.keys.update(call.key, changes | {"deletion_due": None, "deletion_window": None})
    return {"KeyId": call.key.arn}


OPERATIONS = (
    Operation("EnableKey", _enable_key, Access.WRITE),
    Operation("DisableKey", _disable_key, Access.WRITE),
    Operation("ScheduleKeyDeletion", _schedule_key_deletion, Access.WRITE),
    Operation("CancelKeyDeletion", _cancel_key_deletion, Access.WRITE),
)
