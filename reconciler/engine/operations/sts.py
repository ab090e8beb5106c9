"""sts:GetCallerIdentity, sts:AssumeRole.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and API_GetCallerIdentity.html
"""

from __future__ import annotations

from typing import Any

from reconciler.engine.authz.assuming import MOST_POLICY, admit_to_role, session_of
from reconciler.engine.authz.tokens import new_credentials, seal_token
from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.caller import Session, user_id
from reconciler.engine.identities import Role
from reconciler.engine.instants import to_datetime


def _get_caller_identity(call: Call) -> dict[str, Any]:
    caller = call.caller
    return {"UserId": user_id(caller.principal), "Account": caller.account, "Arn": caller.principal}


def _assume_role(call: Call) -> dict[str, Any]:
    role = admit_to_role(call)
    session = session_of(call, role)
    credentials = new_credentials(_session_arn(role, call.get("RoleSessionName")), session)
    result = {
        "Credentials": {
            "AccessKeyId": credentials.key_id,
            "SecretAccessKey": credentials.secret,
            "SessionToken": seal_token(call.keyring, credentials),
            "Expiration": to_datetime(session.expires),
        },
        "AssumedRoleUser": {"AssumedRoleId": user_id(credentials.principal), "Arn": credentials.principal},
    }
    if session.source_identity:
        result["SourceIdentity"] = session.source_identity
    packed = _packed_size(session)
    return result | ({"PackedPolicySize": packed} if packed else {})


def _session_arn(role: Role, session: str) -> str:
    """The session's ARN, in the role's own account and partition."""
    partition, account = role.arn.split(":")[1:5:3]
    return f"arn:{partition}:sts::{account}:assumed-role/{role.arn.rpartition('/')[2]}/{session}"


def _packed_size(session: Session) -> int:
    """Percent of the room for session policies and tags that is taken; AWS packs them its own way, we count them."""
    size = sum(map(len, session.policies)) + sum(len(key) + len(value) for key, value in session.tags)
    return min(100, -(-100 * size // (2 * MOST_POLICY)))


OPERATIONS = (
    Operation("sts:GetCallerIdentity", _get_caller_identity, Access.READ, keys=()),
    Operation("sts:AssumeRole", _assume_role, Access.READ, keys=()),
)
