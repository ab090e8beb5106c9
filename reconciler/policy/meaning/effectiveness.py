"""What a key policy alone says to one request.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

import enum

from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Facts, Requester, RequesterKind, works_across_accounts
from reconciler.policy.evaluate.question import Clause, Question
from reconciler.policy.evaluate.requester import Naming
from reconciler.policy.evaluate.rulings import ruling


class Effectiveness(enum.IntEnum):
    """How far a key policy lets a request, before IAM policies and grants are asked.

    Policies that let a request equally far leave nothing between them that an IAM policy or a grant could tell.
    """

    NOT_ALLOWED = 0
    """No statement is about it: a grant may still allow it."""
    DELEGATED = 1
    """IAM policies of the requester's account decide. Across accounts they always do, however it is named."""
    LIMITED = 2
    """Allowed, by its role or with everybody: within a permission boundary and a session policy."""
    DIRECT = 3
    """Allowed, by itself: nothing but an explicit Deny changes that."""
    DENIED = 4
    """Denied explicitly: no IAM policy and no grant changes that."""


OF_NAMING = {
    Naming.NONE: Effectiveness.NOT_ALLOWED,
    Naming.ACCOUNT: Effectiveness.DELEGATED,
    Naming.LIMITED: Effectiveness.LIMITED,
    Naming.DIRECT: Effectiveness.DIRECT,
}
"""What an Allow comes to within the key's account, and for services."""


def is_foreign(requester: Requester, account: str) -> bool:
    """Whether the requester's own account decides besides the key's `account`; services have none."""
    return requester.kind is not RequesterKind.SERVICE and requester.account != account


def is_refused(requester: Requester, action: str, account: str) -> bool:
    """Whether nobody outside of the key's `account` can do `action`, whatever policies say, and that is asked."""
    return is_foreign(requester, account) and not works_across_accounts(action)


def effectiveness(policy: PolicyDocument, question: Question, facts: Facts, *, account: str) -> Effectiveness:
    """What `policy`, of a key of `account`, says to `question`; its action in lower case, `facts` complete."""
    if is_refused(question.requester, question.action, account):
        return Effectiveness.NOT_ALLOWED

    def counts(clause: Clause) -> bool:
        return clause.holds(facts)

    said = ruling((policy,), question)
    if any(map(counts, said.denies)):
        return Effectiveness.DENIED
    found = OF_NAMING[said.allowed(counts)]
    if is_foreign(question.requester, account):
        return min(found, Effectiveness.DELEGATED)
    return found
