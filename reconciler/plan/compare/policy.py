"""The key policy, compared by meaning."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import DesiredKey
from reconciler.model.observed import Account, ObservedKey
from reconciler.plan.changes import FieldChange
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.steps import ExistingKey, PutKeyPolicy
from reconciler.policy.compare import compare


def compare_policy(desired: DesiredKey, observed: ObservedKey, account: Account) -> Facet:
    """A policy that means the same in other words is left as it is, and shown as cosmetic."""
    if desired.policy is ABSENT or "policy" in desired.ignore.fields or observed.policy is None:
        return SAME
    if desired.policy == observed.policy:
        return SAME
    difference = compare(
        desired.policy,
        observed.policy,
        account=account.account_id,
        partition=account.partition,
        key_arn=observed.arn,
    )
    if difference.same_meaning:
        cosmetic = FieldChange("policy", observed.policy, desired.policy, cosmetic=True)
        return Facet((cosmetic,)) if difference.reworded else SAME
    return Facet(
        (FieldChange("policy", observed.policy, desired.policy),),
        (PutKeyPolicy(ExistingKey(observed.key_id), desired.policy),),
    )
