"""From a call to the row that is kept of it."""

from __future__ import annotations

import json
from typing import Any, Final

from reconciler.engine.call import Access, Call
from reconciler.engine.identity import user_name
from reconciler.engine.store.events import Event
from reconciler.engine.wire.model import event_source, split_name
from reconciler.engine.wire.text import shown
from reconciler.engine.wire.view import request_view, response_view
from reconciler.kit.errors import KmsError


def event_of(call: Call, error: KmsError | None) -> Event:
    """What is kept of `call`, which ended well or with `error`. Parameters that were not valid are not kept."""
    prefix, name = split_name(call.name)
    operation = call.operation
    resources = call.resources
    return Event(
        time=call.now,
        account=call.caller.account,
        region=call.caller.region,
        event_id=call.event_id,
        request_id=call.request_id,
        source=event_source(prefix),
        name=shown(name),
        read_only=operation.access is not Access.WRITE,
        principal=call.caller.principal,
        user=user_name(call.caller.principal),
        parameters=None if call.parameters is None else _json(request_view(call.name, call.parameters)),
        response=_response(call) if error is None else None,
        resource=resources[0] if resources else None,
        related=resources[1] if len(resources) > 1 else None,
        error_code=error.code if error else None,
        error_message=error.message if error else None,
    )


def service_event(name: str, resource: str, at: int, place: tuple[str, str], ids: tuple[str, str]) -> Event:
    """What is kept of something that the engine did by itself, at its due time.

    Args:
        name: `RotateKey` or `DeleteKey`.
        resource: the key's ARN.
        at: when it was due.
        place: account and Region.
        ids: event id and request id.
    """
    return Event(
        time=at,
        account=place[0],
        region=place[1],
        event_id=ids[0],
        request_id=ids[1],
        source=event_source("kms"),
        name=name,
        read_only=False,
        principal=None,
        user=user_name(None),
        parameters=None,
        response=None,
        resource=resource,
        related=None,
        error_code=None,
        error_message=None,
    )


_encode: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _response(call: Call) -> str | None:
    if call.operation.access is not Access.WRITE or not call.result:
        return None
    return _json(response_view(call.name, call.result))


def _json(value: Any) -> str | None:
    return _encode(value) if value else None
