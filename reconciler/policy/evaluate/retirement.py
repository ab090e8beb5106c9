"""Who may retire a grant: the grant says so, more than policies do.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
"""

from __future__ import annotations

from functools import partial

from reconciler.policy.evaluate.decision import Decision, Reason
from reconciler.policy.evaluate.explain import Asked, explain
from reconciler.policy.evaluate.grants import named_by
from reconciler.policy.evaluate.inputs import Facts, GrantFacts
from reconciler.policy.evaluate.prepare import Prepared
from reconciler.policy.evaluate.question import Clause
from reconciler.policy.evaluate.requester import Naming, Requester
from reconciler.policy.principals import Principal, PrincipalKind

ACTION = "kms:RetireGrant"


def _named(grant: GrantFacts, requester: Requester, retiring: str | None) -> Naming:
    """How the grant's retiring principal, or its grantee where RetireGrant is among the operations, includes it."""
    by_retiring = Naming.NONE if retiring is None else named_by(retiring, requester)
    by_grantee = named_by(grant.grantee, requester) if "RetireGrant" in grant.operations else Naming.NONE
    return max(by_retiring, by_grantee)


def decide_retirement(
    prepared: Prepared, grant: GrantFacts, *, retiring: str | None, key_account: str, facts: Facts
) -> Decision:
    """Whether the requester of `prepared`, a request for `ACTION` on the grant's key, may retire `grant`.

    `retiring` is the grant's retiring principal, an ARN or a service's name. It may retire the grant, the grantee may
    when RetireGrant is among the operations (its constraints do not count), and the account that owns the key may;
    where that is an account, its IAM policies hand the permission on. An Allow in the key policy has no effect, a Deny
    in any policy has.
    """
    if prepared.settled is not None and not prepared.settled.allowed:
        return prepared.settled

    def counts(clause: Clause) -> bool:
        return clause.holds(facts)

    told = partial(explain, prepared.case, facts, Asked((grant,)))
    denied = prepared.rulings.denied(counts)
    if denied is not None:
        return Decision(allowed=False, reason=denied, explain=told)
    requester = prepared.case.question.requester
    owner = requester.names.get(Principal(PrincipalKind.AWS, key_account), Naming.NONE)
    if prepared.rulings.within(_named(grant, requester, retiring), counts):
        return Decision(allowed=True, reason=Reason.GRANT, explain=told)
    if prepared.rulings.within(owner, counts):
        reason = Reason.ROOT_USER if owner is Naming.DIRECT else Reason.IDENTITY_POLICY
        return Decision(allowed=True, reason=reason, explain=told)
    return Decision(allowed=False, reason=Reason.NOT_ALLOWED_BY_GRANT, explain=told)
