"""GetKeyLastUsage."""

from __future__ import annotations

from typing import Any

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.instants import to_datetime


def _get_key_last_usage(call: Call) -> dict[str, Any]:
    key = call.key
    created = to_datetime(key.created)
    usage = call.store.keys.last_usage(key)
    last: dict[str, Any] = {}
    if usage is not None:
        last = {
            "Operation": usage.operation,
            "Timestamp": to_datetime(usage.time),
            "CloudTrailEventId": usage.event_id,
            "KmsRequestId": usage.request_id,
        }
    return {"KeyId": key.key_id, "KeyLastUsage": last, "TrackingStartDate": created, "KeyCreationDate": created}


def _write_waiting(call: Call) -> None:
    call.store.flush()


OPERATIONS = (Operation("GetKeyLastUsage", _get_key_last_usage, Access.READ, prepare=_write_waiting),)
