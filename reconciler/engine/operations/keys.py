"""DescribeKey, ListKeys, UpdateKeyDescription."""

from __future__ import annotations

from typing import Any

from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, Operation
from reconciler.engine.keys.metadata import key_metadata
from reconciler.engine.paging import paged
from reconciler.kit.arn import key_arn


def _describe_key(call: Call) -> dict[str, Any]:
    return {"KeyMetadata": key_metadata(call.store, call.key)}


def _list_keys(call: Call) -> dict[str, Any]:
    caller = call.caller
    if "SELF" not in call.get("ResourceOwners", ["SELF"]):
        return {"Keys": [], "Truncated": False}  # nobody shares keys with this account
    found, page = paged(
        call,
        lambda after, limit: call.store.keys.page(caller.account, caller.region, after, limit),
        lambda key_id: key_id,
        start="",
        default=100,
        most=1000,
    )
    entries = [
        {"KeyId": key_id, "KeyArn": key_arn(caller.region, caller.account, key_id, caller.partition)}
        for key_id in found
    ]
    return {"Keys": entries, **page}


def _update_key_description(call: Call) -> dict[str, Any]:
    call.store.keys.update(call.key, {"description": call.get("Description")})
    return {}


OPERATIONS = (
    Operation("DescribeKey", _describe_key, Access.READ, KEY_OR_ALIAS),
    Operation("ListKeys", _list_keys, Access.READ, keys=()),
    Operation("UpdateKeyDescription", _update_key_description, Access.WRITE),
)
