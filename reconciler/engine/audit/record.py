"""From a call to what is kept of it."""

from __future__ import annotations

from typing import Any

from reconciler.engine.call import Access, Call
from reconciler.engine.store.records import Key
from reconciler.engine.store.segments import Entry, Place
from reconciler.engine.wire.text import shown
from reconciler.engine.wire.view import request_view, response_view
from reconciler.kit.errors import KmsError


def entry_of(call: Call, error: KmsError | None) -> Entry:
    """What is kept of `call`, which ended well or with `error`. Parameters that were not valid are not kept."""
    writes = call.operation.access is Access.WRITE
    parameters = call.parameters
    return Entry(
        call.now,
        call.caller,
        call.name if error is None else shown(call.name),
        not writes,
        request_view(call.name, parameters) or None if parameters else None,
        _response(call) if writes and error is None else None,
        call.resources,
        None if error is None else (error.code, error.message),
        call.request_id,
        call.usage if error is None else (),
    )


def service_entry(name: str, key: Key, at: int) -> Entry:
    """What is kept of something that the engine did by itself to `key`, at its due time, e.g. `RotateKey`."""
    return service_event(name, key.arn, at, (key.account, key.region))


def service_event(name: str, resource: str, at: int, place: tuple[str, str], _: tuple[str, str] = ("", "")) -> Entry:
    """What is kept of something that the engine did by itself, at its due time.

    Args:
        name: e.g. `RotateKey`.
        resource: the key's ARN.
        at: when it was due.
        place: account and Region.
    """
    return Entry(
        time=at,
        who=Place(*place),
        name=name,
        read_only=False,
        parameters=None,
        response=None,
        resources=(resource,),
        error=None,
        request_id=None,
        used=(),
    )


def _response(call: Call) -> Any:
    return response_view(call.name, call.result) or None if call.result else None
