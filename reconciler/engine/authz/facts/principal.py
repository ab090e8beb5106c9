"""Condition keys about who asks: `aws:Principal…`, `aws:userid`, sessions, second factors.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and, for which principal
has which, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.engine.authz.principals import principal_of
from reconciler.engine.authz.request import Request, Values
from reconciler.engine.caller import calls_for_itself, user_id
from reconciler.engine.instants import SECOND, to_text
from reconciler.kit.arn import Arn

_TYPES: Final = {
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
}


def _kind(request: Request) -> str:
    arn = Arn.parse(request.call.caller.principal)
    return arn.resource.partition("/")[0] if arn else ""


def _arn(request: Request) -> Values:
    """The principal's ARN; of a session its role's, with the role's path as far as the identities know it."""
    principal = request.call.caller.principal
    arn = Arn.parse(principal)
    if arn is None:
        return ()
    if not arn.resource.startswith("assumed-role/"):
        return (principal,)
    role = request.identities.role_of(arn)
    name = arn.resource.split("/")[1]
    return (role.arn if role else str(Arn(arn.partition, "iam", "", arn.account, f"role/{name}")),)


def _account(request: Request) -> Values:
    """Services have none, and what is no ARN is in no account."""
    arn = Arn.parse(request.call.caller.principal)
    return (arn.account,) if arn else ()


def _organization(request: Request) -> Values:
    found = request.identities.organization(*(_account(request) or (None,)))
    return (found,) if found else ()


def _type(request: Request) -> Values:
    found = _TYPES.get(_kind(request))
    return (found,) if found else ()


def _user_id(request: Request) -> Values:
    return () if calls_for_itself(request.call.caller) else (user_id(request.call.caller.principal),)


def _user_name(request: Request) -> Values:
    if _kind(request) != "user":
        return ()
    return (request.call.caller.principal.rpartition("/")[2],)


def _tags(request: Request) -> Mapping[str, Values]:
    """The tags of the principal; a session's own tags win over its role's."""
    caller = request.call.caller
    arn = Arn.parse(caller.principal)
    found = principal_of(request.identities, arn) if arn else None
    tags = {key.lower(): value for key, value in found.tags.items()} if found else {}
    if caller.session is not None:
        tags |= {key.lower(): value for key, value in caller.session.tags}
    return {key: (value,) for key, value in tags.items()}


def _token_issued(request: Request) -> Values:
    session = request.call.caller.session
    return (to_text(session.issued),) if session else ()


def _second_factor(request: Request) -> Values:
    """Present with temporary credentials only, as AWS has it: long-term access keys never prove a second factor."""
    session = request.call.caller.session
    return () if session is None else ("true" if session.mfa is not None else "false",)


def _second_factor_age(request: Request) -> Values:
    session = request.call.caller.session
    if session is None or session.mfa is None:
        return ()
    return (str((request.call.now - session.mfa) // SECOND),)


def _source_identity(request: Request) -> Values:
    session = request.call.caller.session
    return (session.source_identity,) if session and session.source_identity else ()


def _is_service(request: Request) -> Values:
    return ("true" if calls_for_itself(request.call.caller) else "false",)


def _service_name(request: Request) -> Values:
    return (request.call.caller.principal,) if calls_for_itself(request.call.caller) else ()


FACTS: Final[Mapping[str, Callable[[Request], Values]]] = {
    "aws:principalarn": _arn,
    "aws:principalaccount": _account,
    "aws:principalorgid": _organization,
    "aws:principaltype": _type,
    "aws:userid": _user_id,
    "aws:username": _user_name,
    "aws:tokenissuetime": _token_issued,
    "aws:multifactorauthpresent": _second_factor,
    "aws:multifactorauthage": _second_factor_age,
    "aws:sourceidentity": _source_identity,
    "aws:principalisawsservice": _is_service,
    "aws:principalservicename": _service_name,
    "aws:principalservicenameslist": _service_name,
    "kms:calleraccount": _account,
}
FAMILIES: Final[Mapping[str, Callable[[Request], Mapping[str, Values]]]] = {"aws:principaltag/": _tags}
