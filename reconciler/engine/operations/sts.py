"""sts:GetCallerIdentity."""

from __future__ import annotations

from typing import Any

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.identity import user_id


def _get_caller_identity(call: Call) -> dict[str, Any]:
    caller = call.caller
    return {"UserId": user_id(caller.principal), "Account": caller.account, "Arn": caller.principal}


OPERATIONS = (Operation("sts:GetCallerIdentity", _get_caller_identity, Access.READ, keys=()),)
