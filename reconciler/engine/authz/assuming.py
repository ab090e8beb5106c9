"""Who may assume a role, and what the session is then.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.engine.authz.facts import facts_of
from reconciler.engine.authz.principals import identity_policies
from reconciler.engine.authz.request import Request
from reconciler.engine.call import Call
from reconciler.engine.caller import Session
from reconciler.engine.identities import Role
from reconciler.engine.instants import SECOND
from reconciler.kit.arn import Arn
from reconciler.kit.errors import KmsError
from reconciler.policy.document import to_text
from reconciler.policy.evaluate import NamedPolicy, Requester, Unparsable, parse_identity_policy, prepare
from reconciler.policy.faults import InvalidPolicy

DEFAULT_DURATION: Final = 3_600
"""Seconds of a session, when nothing is asked for; and the most of one that a session asks for (role chaining)."""
MOST_POLICY: Final = 2_048
"""Characters of session policies."""


def admit_to_role(call: Call) -> Role:
    """The role that `RoleArn` names, when the caller may assume it as the request says.

    Raises:
        KmsError: AccessDenied, for a role that is not there, too.
    """
    named: str = call.get("RoleArn")
    if call.caller.principal.endswith(":root"):
        raise KmsError("AccessDenied", "Roles may not be assumed by root accounts.")
    if call.get("SerialNumber") or call.get("TokenCode"):  # no device is known
        raise KmsError("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    arn = Arn.parse(named)
    role = call.authority.identities().role_of(arn) if arn and arn.resource.startswith("role/") else None
    if role is None:
        raise _refused(call, next(_actions(call)))
    for action in _actions(call):
        if not _allowed(call, action, role):
            raise _refused(call, action)
    return role


def _refused(call: Call, action: str) -> KmsError:
    who, role = call.caller.principal, call.get("RoleArn")
    return KmsError("AccessDenied", f"User: {who} is not authorized to perform: {action} on resource: {role}")


def _actions(call: Call) -> Iterator[str]:
    """What must be allowed: tags and a source identity take more than the role itself."""
    yield "sts:AssumeRole"
    if call.get("Tags"):
        yield "sts:TagSession"
    if call.get("SourceIdentity"):
        yield "sts:SetSourceIdentity"


def _allowed(call: Call, action: str, role: Role) -> bool:
    """Whether the role's trust policy, and where that hands on the caller's IAM policies, allow `action`."""
    identities = call.authority.identities()
    arn = Arn.parse(role.arn)
    prepared = prepare(
        Requester.of(call.caller.principal),
        action,
        role.arn,
        key_account=arn.account if arn else None,
        key_policy=role.trust.document,
        identity=identity_policies(identities, call.caller),
    )
    call.decision = prepared.decide(facts_of(Request(call, identities, action), prepared.needs))
    return call.decision.allowed


def session_of(call: Call, role: Role) -> Session:
    """What the session of `role` that the request asks for will be.

    Raises:
        KmsError: ValidationError, MalformedPolicyDocument.
    """
    duration = _duration(call, role)
    given = _tags(call)
    before = call.caller.session
    carried = {key: value for key, value in before.tags if key in before.transitive} if before else {}
    onward = tuple(call.get("TransitiveTagKeys") or ())
    if not set(onward) <= given.keys() | carried.keys():
        raise _invalid("The transitive tag keys must be among the tags.")
    if {key.lower() for key in given} & {key.lower() for key in carried}:
        raise _invalid("One or more tags are already set as transitive tags by the calling session.")
    return Session(
        issued=call.now,
        expires=call.now + duration * SECOND,
        tags=tuple(sorted({**carried, **given}.items())),
        transitive=tuple(sorted({*carried, *onward})),
        policies=tuple(_policies(call)),
        source_identity=call.get("SourceIdentity") or (before.source_identity if before else None),
    )


def _tags(call: Call) -> dict[str, str]:
    """The session tags in the request; the case of their keys does not tell them apart."""
    listed = call.get("Tags") or ()
    if len({tag["Key"].lower() for tag in listed}) < len(listed):
        raise _invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    return {tag["Key"]: tag["Value"] for tag in listed}


def _duration(call: Call, role: Role) -> int:
    duration: int = call.get("DurationSeconds", DEFAULT_DURATION)
    if ":assumed-role/" in call.caller.principal and duration > DEFAULT_DURATION:
        raise _invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    if duration > role.max_session:
        raise _invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return duration


def _policies(call: Call) -> Iterator[str]:
    """The session policies, as texts: the one in the request, and those it names."""
    text = call.get("Policy")
    if text is not None:
        if len(text) > MOST_POLICY:
            raise _invalid(
                "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length "
                f"less than or equal to {MOST_POLICY}"
            )
        _check(text)
        yield text
    for descriptor in call.get("PolicyArns") or ():
        yield _named_policy(call, descriptor.get("arn", ""))


def _check(text: str) -> None:
    try:
        parse_identity_policy(text)
    except InvalidPolicy as invalid:
        raise KmsError("MalformedPolicyDocument", f"The session policy cannot be read: {invalid.why}") from None


def _named_policy(call: Call, arn: str) -> str:
    """A policy of the identities, which every account has under its name."""
    found: NamedPolicy | None = call.authority.identities().policies.get(arn.rpartition("/")[2])
    if found is None or isinstance(found.document, Unparsable):
        raise _invalid(f"Policy {arn} does not exist or cannot be used.")
    return to_text(found.document)


def _invalid(message: str) -> KmsError:
    return KmsError("ValidationError", message)
