"""What the engine does by itself, and what a call does in another Region, in the audit record.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html, ct-delete-key.html,
ct-deleteexpiredkeymaterial.html, ct-synchronize-multi-region-key.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from reconciler.engine.audit.record import service_entry
from reconciler.engine.call import Call
from reconciler.engine.store.records import Key
from reconciler.engine.store.segments import Entry
from reconciler.engine.store.store import Store
from reconciler.engine.wire.view import request_view

Deed = Literal["RotateKey", "DeleteKey", "DeleteExpiredKeyMaterial", "SynchronizeMultiRegionKey"]


def record_deed(store: Store, deed: Deed, key: Key, at: int, details: Mapping[str, str] | None = None) -> None:
    """Keep that the engine did `deed` to `key` at the instant `at`. Call inside `writing()`.

    `details` are shown as CloudTrail's serviceEventDetails, besides the key's id.
    """
    store.record(service_entry(deed, key, at)._replace(response=details))


def echo(call: Call, name: str, key: Key, parameters: Mapping[str, Any]) -> Entry:
    """What is kept of `call`, a mutation, in the Region of `key`: an event of its own, of the operation `name`."""
    return Entry(
        time=call.now,
        who=replace(call.caller, region=key.region),
        name=name,
        read_only=False,
        parameters=request_view(name, parameters),
        response=None,
        resources=(key.arn,),
        error=None,
        request_id=call.request_id,
        used=(),
    )
