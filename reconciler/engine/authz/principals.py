"""What IAM says of a caller: its policies, boundary, session policy and its organisation's, from the identities.

Whoever the identities do not know has no policies: then only key policies and grants that name it help.
"""

from __future__ import annotations

from functools import lru_cache

from reconciler.engine.caller import Caller
from reconciler.engine.identities import Identities, Role, User
from reconciler.kit.arn import Arn
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import (
    IdentityPolicies,
    NamedPolicy,
    Unparsable,
    is_service_linked,
    parse_identity_policy,
)
from reconciler.policy.faults import InvalidPolicy

SESSION_POLICY = "session policy"


def identity_policies(identities: Identities, caller: Caller) -> IdentityPolicies:
    """The IAM policies that count for `caller`."""
    arn = Arn.parse(caller.principal)
    if arn is None:
        return IdentityPolicies()
    limits = identities.limits(arn.account).service_control
    if arn.service == "iam" and arn.resource == "root":
        return IdentityPolicies(unrestricted=True, service_control=limits)
    found = principal_of(identities, arn)
    texts = caller.session.policies if caller.session is not None else ()
    session = session_policy(texts) if texts else None
    if found is None:
        return IdentityPolicies(session=session, service_control=limits)
    if is_service_linked(found.arn):
        return IdentityPolicies(found.policies, found.boundary, session, service_linked=True)
    return IdentityPolicies(found.policies, found.boundary, session, service_control=limits)


def principal_of(identities: Identities, arn: Arn) -> User | Role | None:
    """The user with this ARN, or the role with this ARN or of the session with it."""
    if arn.resource.startswith("user/"):
        return identities.user(arn)
    return identities.role_of(arn)


def session_policy(texts: tuple[str, ...]) -> NamedPolicy:
    """The policies of a session as one: it may do what one of them allows, and none denies.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    """
    return NamedPolicy(SESSION_POLICY, _together(texts))


@lru_cache(maxsize=1_024)
def _together(texts: tuple[str, ...]) -> PolicyDocument | Unparsable:
    try:
        documents = [parse_identity_policy(text) for text in texts]
    except InvalidPolicy as invalid:
        return Unparsable(invalid.why)
    versions = {document.version for document in documents}
    if len(versions) > 1:
        return Unparsable("the policies of the session are of different versions")
    statements = tuple(statement for document in documents for statement in document.statements)
    return PolicyDocument(versions.pop(), None, statements)
