"""Whether a new key policy lets the one who puts it change it again.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key and
https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""

from __future__ import annotations

from collections.abc import Callable

from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate.decision import Decision
from reconciler.policy.evaluate.inputs import Facts, IdentityPolicies, Unparsable
from reconciler.policy.evaluate.prepare import prepare
from reconciler.policy.evaluate.requester import Requester

ACTION = "kms:PutKeyPolicy"


def locks_out(
    policy: PolicyDocument | Unparsable,
    requester: Requester,
    *,
    key_arn: str,
    key_account: str,
    facts_of: Callable[[frozenset[str]], Facts],
) -> Decision | None:
    """Why `requester` could not put a key policy again once it is `policy`; None when it could.

    The check looks at the new key policy alone: where that lets the account delegate, IAM policies are taken to allow.
    `facts_of` gives the facts of a PutKeyPolicy of the requester for the condition keys it is asked for, lower case.
    """
    prepared = prepare(
        requester,
        ACTION,
        key_arn,
        key_account=key_account,
        key_policy=policy,
        identity=IdentityPolicies(unrestricted=True),
    )
    decision = prepared.settled or prepared.decide(facts_of(prepared.needs))
    return None if decision.allowed else decision
