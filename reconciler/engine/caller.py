"""Who calls, and how: the principal as IAM, STS and CloudTrail describe it, and what authorisation needs besides.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from reconciler.kit.arn import Arn, root_arn
from reconciler.policy.principals import is_service


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    source_ip: str | None = None
    """The client's IPv4 or IPv6 address; None in process, where there is no network."""
    user_agent: str = "kmsctl"
    secure_transport: bool = True
    """Whether it came by TLS; a call in process never crosses a wire, and AWS's own endpoints speak nothing else."""


IN_PROCESS: Final = Origin()
"""The origin of calls that are made in this process."""


@dataclass(frozen=True, slots=True)
class Session:
    """What temporary credentials say beyond their principal. Instants are microseconds since the epoch."""

    issued: int
    expires: int
    tags: tuple[tuple[str, str], ...] = ()
    """Session tags, sorted by tag key; they win over the role's tags of the same key."""
    transitive: tuple[str, ...] = ()
    """Keys of the tags that sessions get which this one makes."""
    policies: tuple[str, ...] = ()
    """Session policies, JSON texts: what the session may do is what these and the role's policies both allow."""
    source_identity: str | None = None
    mfa: int | None = None
    """When the caller proved a second factor; None without one."""


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """An AWS service that makes the call: for itself, or for the principal that called it.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """

    service: str
    """The service principal, e.g. `s3.amazonaws.com`."""
    source_arn: str | None = None
    """The resource that it works for (aws:SourceArn); only when it calls for itself."""
    source_account: str | None = None
    """The account of that resource (aws:SourceAccount); only when it calls for itself."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller, and the Region that it calls."""

    account: str
    """The caller's account; for a service that calls for itself, the account that it works for."""
    region: str
    partition: str
    principal: str
    """ARN of the root user, IAM user, role, or assumed-role session; or a service principal that calls for itself."""
    origin: Origin = IN_PROCESS
    session: Session | None = None
    """With temporary credentials; None when there are none, or nothing is known of them."""
    service: ServiceCall | None = None
    """The service that makes the call, for itself (then it is the `principal`, too) or for the principal."""
    access_key: str | None = None
    """The id of the access key that signed, None in process."""


def caller_of(
    account: str,
    region: str,
    partition: str,
    principal: str | None = None,
    *,
    session: Session | None = None,
    service: ServiceCall | None = None,
) -> Caller:
    """A caller in process.

    Args:
        account: the account whose root user calls when no principal is named; the account that a service works for
            when it calls for itself.
        region: the Region that is called.
        partition: the Region's.
        principal: ARN of who calls; its account is the caller's. A service principal's name makes it a service that
            calls for itself.
        session: what the principal's temporary credentials say.
        service: the service that calls, for `principal` if one is named, else for itself.
    """
    if principal is not None and is_service(principal):
        service = service or ServiceCall(principal)
    named = principal or (service.service if service else root_arn(account, partition))
    arn = Arn.parse(named)
    return Caller(arn.account if arn else account, region, partition, named, session=session, service=service)


def calls_for_itself(caller: Caller) -> bool:
    """Whether the caller is an AWS service and nobody else."""
    return caller.service is not None and caller.service.service == caller.principal


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


def user_identity(principal: str) -> dict[str, Any]:
    """CloudTrail's userIdentity element."""
    if is_service(principal):
        return {"type": "AWSService", "invokedBy": principal}
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


def account_identity(principal: Arn) -> dict[str, Any]:
    """CloudTrail's userIdentity element of somebody in another account than the one whose record it is in."""
    return {"type": "AWSAccount", "principalId": user_id(str(principal)), "accountId": principal.account}


def user_name(principal: str | None) -> str:
    """CloudTrail's Username of an event: the last part of the principal's name, `root` for the root user."""
    return principal.rpartition(":")[2].rpartition("/")[2] if principal else "AWS Internal"


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
