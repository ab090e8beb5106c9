"""Whom a Deny with `NotPrincipal` leaves alone."""

from __future__ import annotations

from reconciler.kit.arn import root_arn
from reconciler.policy.evaluate.requester import Naming, Requester, RequesterKind
from reconciler.policy.principals import ANYONE, Principal, PrincipalKind


def is_spared(requester: Requester, names: frozenset[Principal]) -> bool:
    """Whether a Deny with `NotPrincipal` leaves `requester` alone.

    AWS may look at the account, then the role, then the session, and denies by the first that is not listed; and always
    where a permission boundary is set
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html,
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
    """
    if Principal(PrincipalKind.AWS, ANYONE) in names:
        return True
    if requester.account is None:
        return requester.naming(names) is Naming.DIRECT
    account = {
        Principal(PrincipalKind.AWS, requester.account),
        Principal(PrincipalKind.AWS, root_arn(requester.account, requester.partition)),
    }
    itself = {Principal(PrincipalKind.AWS, name) for name in _chain(requester)}
    return bool(account & names) and itself <= names


def _chain(requester: Requester) -> tuple[str, ...]:
    """What must be listed besides the account."""
    match requester.kind:
        case RequesterKind.ROOT:
            return ()
        case RequesterKind.ROLE:
            return (requester.role or requester.arn,)
        case RequesterKind.SESSION:
            return (requester.role or requester.arn, requester.arn)
        case _:
            return (requester.arn,)
