"""Who calls: the principal of an in-process client, as IAM, STS and CloudTrail describe it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from reconciler.kit.arn import Arn, root_arn


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller, and the Region that it calls."""

    account: str
    region: str
    partition: str
    principal: str
    """ARN of the root user, IAM user, role, or assumed-role session."""


def user_id(principal: str) -> str:
    """The principal's unique id, as STS gives it.

    The account's id for its root user; `AIDA…` for a user, `AROA…` for a role, `AROA…:session` for a session.
    """
    arn = Arn.parse(principal)
    if arn is None or arn.resource == "root":
        return arn.account if arn else principal
    kind, _, name = arn.resource.partition("/")
    if kind == "assumed-role":
        role, _, session = name.partition("/")
        return f"{_unique_id('AROA', f'{arn.account}/{role}')}:{session}"
    return _unique_id("AROA" if kind == "role" else "AIDA", f"{arn.account}/{name}")


def user_identity(principal: str | None) -> dict[str, Any]:
    """CloudTrail's userIdentity element; None is the service itself."""
    if principal is None:
        return {"type": "AWSService", "invokedBy": "AWS Internal"}
    arn = Arn.parse(principal)
    account = arn.account if arn else ""
    kind, _, name = arn.resource.partition("/") if arn else ("", "", "")
    identity: dict[str, Any] = {
        "type": {"root": "Root", "user": "IAMUser", "assumed-role": "AssumedRole", "role": "Role"}.get(kind, "Unknown"),
        "principalId": user_id(principal),
        "arn": principal,
        "accountId": account,
    }
    if kind == "user":
        identity["userName"] = name.rpartition("/")[2]
    if kind == "assumed-role" and arn is not None:
        identity["sessionContext"] = {"sessionIssuer": _issuer(arn, name.partition("/")[0])}
    return identity


def user_name(principal: str | None) -> str:
    """CloudTrail's Username of an event: the last part of the principal's name, `root` for the root user."""
    return principal.rpartition(":")[2].rpartition("/")[2] if principal else "AWS Internal"


def principal_of(account: str, partition: str, principal: str | None) -> str:
    """The principal's ARN; the account's root user when none is named."""
    return principal or root_arn(account, partition)


def _issuer(session: Arn, role: str) -> dict[str, str]:
    return {
        "type": "Role",
        "principalId": _unique_id("AROA", f"{session.account}/{role}"),
        "arn": f"arn:{session.partition}:iam::{session.account}:role/{role}",
        "accountId": session.account,
        "userName": role,
    }


def _unique_id(prefix: str, name: str) -> str:
    """An id in the form of IAM's, the same for the same name: 4 letters and 17 of base 32."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    number = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest(), "big")
    return prefix + "".join(alphabet[number >> 5 * place & 31] for place in range(17))
