"""Calls by AWS services: headers by which somebody who may play a service says for whom it calls.

`X-Kmsctl-Via-Service: s3` names the service (without authentication only: a signature names it itself). With
`X-Kmsctl-On-Behalf-Of: ARN` the service forwards the access of that principal (kms:ViaService); with
`X-Kmsctl-Source-Arn` or `X-Kmsctl-Source-Account` it calls for itself (aws:SourceArn, aws:SourceAccount).

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, NamedTuple

from reconciler.engine.caller import Caller, ServiceCall
from reconciler.engine.errors import invalid
from reconciler.engine.server.messages import Request
from reconciler.kit.arn import Arn

VIA_SERVICE: Final = "x-kmsctl-via-service"
ON_BEHALF_OF: Final = "x-kmsctl-on-behalf-of"
SOURCE_ARN: Final = "x-kmsctl-source-arn"
SOURCE_ACCOUNT: Final = "x-kmsctl-source-account"
HEADERS: Final = (VIA_SERVICE, ON_BEHALF_OF, SOURCE_ARN, SOURCE_ACCOUNT)
"""All headers that change who calls."""

_SERVICE: Final = re.compile(r"[a-z0-9-]{1,64}(?:\.[a-z0-9-]{1,64}){0,4}")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_MOST: Final = 2_048
"""Characters of the longest ARN
(https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, RoleArn)."""


class Asked(NamedTuple):
    """What the headers say; empty where they say nothing."""

    service: str
    """The service principal's name."""
    principal: str
    source_arn: str
    source_account: str


def asked_of(request: Request, service: str) -> Asked:
    """What the headers of `request`, which `service` makes, say.

    Args:
        request: the request.
        service: the service principal's name, or its first part (`s3`).

    Raises:
        KmsError: ValidationException.
    """
    if not _SERVICE.fullmatch(service):
        raise invalid(f"{VIA_SERVICE} is no name of a service.")
    name = service if "." in service else f"{service}.amazonaws.com"
    asked = Asked(name, request.header(ON_BEHALF_OF), request.header(SOURCE_ARN), request.header(SOURCE_ACCOUNT))
    if asked.principal and (asked.source_arn or asked.source_account):
        raise invalid(f"{ON_BEHALF_OF} cannot be combined with {SOURCE_ARN} or {SOURCE_ACCOUNT}.")
    principal = _arn(asked.principal)
    if asked.principal and (principal is None or not _ACCOUNT.fullmatch(principal.account)):
        raise invalid(f"{ON_BEHALF_OF} is no ARN of a principal.")
    if asked.source_arn and _arn(asked.source_arn) is None:
        raise invalid(f"{SOURCE_ARN} is no ARN.")
    if asked.source_account and not _ACCOUNT.fullmatch(asked.source_account):
        raise invalid(f"{SOURCE_ACCOUNT} is no account id.")
    return asked


def _arn(text: str) -> Arn | None:
    return Arn.parse(text) if len(text) <= _MOST else None


def applied(caller: Caller, asked: Asked) -> Caller:
    """Who calls when a service does: `caller` is who would call without the headers.

    The access key that signed is the service's own, and nobody's business.
    """
    caller = replace(caller, access_key=None)
    if asked.source_arn or asked.source_account:
        source = Arn.parse(asked.source_arn)
        account = asked.source_account or (source.account if source else "")
        call = ServiceCall(asked.service, asked.source_arn or None, account or None)
        return replace(caller, account=account or caller.account, principal=asked.service, service=call)
    principal = asked.principal or caller.principal
    arn = Arn.parse(principal)
    account = arn.account if arn else caller.account
    return replace(caller, account=account, principal=principal, service=ServiceCall(asked.service))
