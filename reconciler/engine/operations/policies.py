"""PutKeyPolicy, GetKeyPolicy, ListKeyPolicies. A key has one policy, called `default`."""

from __future__ import annotations

from typing import Any, Final

from reconciler.engine.authz import lockout
from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.errors import not_found
from reconciler.engine.keys.policy_text import check_policy
from reconciler.engine.paging import paged

_NAME: Final = "default"


def _put_key_policy(call: Call) -> dict[str, Any]:
    _refuse_other_name(call)
    check_policy(call.get("Policy"))
    lockout.check(call, call.get("Policy"))
    call.store.keys.update(call.key, {"policy": call.get("Policy")})
    return {}


def _get_key_policy(call: Call) -> dict[str, Any]:
    _refuse_other_name(call)
    return {"Policy": call.key.policy, "PolicyName": _NAME}


def _list_key_policies(call: Call) -> dict[str, Any]:
    found, page = paged(
        call,
        lambda after, limit: [name for name in (_NAME,) if name > after][:limit],
        lambda name: name,
        start="",
        default=100,
        most=1000,
    )
    return {"PolicyNames": found, **page}


def _refuse_other_name(call: Call) -> None:
    if call.get("PolicyName", _NAME) != _NAME:
        raise not_found("No such policy exists")


OPERATIONS = (
    Operation("PutKeyPolicy", _put_key_policy, Access.WRITE),
    Operation("GetKeyPolicy", _get_key_policy, Access.READ),
    Operation("ListKeyPolicies", _list_key_policies, Access.READ),
)
