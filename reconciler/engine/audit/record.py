"""From a call to what is kept of it."""

from __future__ import annotations

from typing import Final

from orjson import dumps

from reconciler.engine.audit.additional import additional_data, affected_key
from reconciler.engine.call import Access, Call
from reconciler.engine.store.records import Key
from reconciler.engine.store.segments import Entry, Place
from reconciler.engine.wire.text import shown, unicode
from reconciler.engine.wire.view import request_view, response_view
from reconciler.kit.errors import KmsError

MOST_PARAMETERS: Final = 100 * 1024
"""Bytes of a request's parameters beyond which they are not kept, as CloudTrail does: thousands of calls may wait in
memory to be recorded (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html)."""
_OMITTED: Final = b'{"omitted":true}'


def entry_of(call: Call, error: KmsError | None) -> Entry:
    """What is kept of `call`, which ended well or with `error`. Parameters that were not valid are not kept."""
    writes = call.operation.access is Access.WRITE
    parameters = call.parameters
    view = request_view(call.name, parameters) if parameters else None
    kept = dumps(view) if view else None
    return Entry(
        call.now,
        call.caller,
        call.name if error is None else shown(call.name),
        not writes,
        kept if kept is None or len(kept) <= MOST_PARAMETERS else _OMITTED,
        _response(call) if writes and error is None else None,
        tuple(call.resources),
        None if error is None else (error.code, unicode(error.message)),
        call.request_id,
        tuple(call.usage) if error is None else (),
        additional_data(call, error),
    )


def service_entry(name: str, key: Key, at: int) -> Entry:
    """What is kept of something that the engine did by itself to `key`, at its due time, e.g. `RotateKey`."""
    return Entry(
        time=at,
        who=Place(key.account, key.region),
        name=name,
        read_only=False,
        parameters=None,
        response=None,
        resources=(key.arn,),
        error=None,
        request_id=None,
        used=(),
    )


def _response(call: Call) -> bytes | None:
    view = response_view(call.name, call.result) if call.result else {}
    key = affected_key(call)
    if key is not None:
        view["keyId"] = key
    return dumps(view) if view else None
