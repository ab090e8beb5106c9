"""Condition keys about the request itself: where from, when, through which service.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.engine.authz.request import Request, Values
from reconciler.engine.caller import ServiceCall, calls_for_itself
from reconciler.engine.instants import SECOND, to_text


def _acts_for_principal(request: Request) -> ServiceCall | None:
    """The service that makes the call for the principal, by a forward access session."""
    caller = request.call.caller
    return None if calls_for_itself(caller) else caller.service


def _for_itself(request: Request) -> ServiceCall | None:
    caller = request.call.caller
    return caller.service if calls_for_itself(caller) else None


def _via_service(request: Request) -> Values:
    """`s3.us-east-1.amazonaws.com`: the suffix is the same in all partitions."""
    service = _acts_for_principal(request)
    if service is None:
        return ()
    return (f"{service.service.partition('.')[0]}.{request.call.caller.region}.amazonaws.com",)


def _called_via(request: Request) -> Values:
    service = _acts_for_principal(request)
    return (service.service,) if service else ()


def _via_aws_service(request: Request) -> Values:
    return ("true" if _acts_for_principal(request) else "false",)


def _source_arn(request: Request) -> Values:
    service = _for_itself(request)
    return (service.source_arn,) if service and service.source_arn else ()


def _source_account(request: Request) -> Values:
    service = _for_itself(request)
    return (service.source_account,) if service and service.source_account else ()


def _source_organization(request: Request) -> Values:
    found = request.identities.organization(*(_source_account(request) or (None,)))
    return (found,) if found else ()


def _source_ip(request: Request) -> Values:
    """Absent when a service calls: its address is not the client's."""
    caller = request.call.caller
    return (caller.origin.source_ip,) if caller.origin.source_ip and caller.service is None else ()


def _secure_transport(request: Request) -> Values:
    return ("true" if request.call.caller.origin.secure_transport else "false",)


def _user_agent(request: Request) -> Values:
    return (request.call.caller.origin.user_agent,)


def _current_time(request: Request) -> Values:
    return (to_text(request.call.now),)


def _epoch_time(request: Request) -> Values:
    return (str(request.call.now // SECOND),)


def _requested_region(request: Request) -> Values:
    return (request.region or request.call.caller.region,)


FACTS: Final[Mapping[str, Callable[[Request], Values]]] = {
    "kms:viaservice": _via_service,
    "aws:calledvia": _called_via,
    "aws:calledviafirst": _called_via,
    "aws:calledvialast": _called_via,
    "aws:viaawsservice": _via_aws_service,
    "aws:sourcearn": _source_arn,
    "aws:sourceaccount": _source_account,
    "aws:sourceorgid": _source_organization,
    "aws:sourceip": _source_ip,
    "aws:securetransport": _secure_transport,
    "aws:useragent": _user_agent,
    "aws:currenttime": _current_time,
    "aws:epochtime": _epoch_time,
    "aws:requestedregion": _requested_region,
}
