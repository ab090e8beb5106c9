"""What could go wrong with a new key policy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from reconciler.model.observed import Account
from reconciler.plan.changes import Risk, RiskLevel
from reconciler.policy.administration import locks_out
from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.exposure import external_accounts, is_public
from reconciler.policy.faults import InvalidPolicy

_CACHED = 1024
"""Many keys share few policies."""


@lru_cache(maxsize=_CACHED)
def policy_risks(account: Account, policy: str, before: str | None) -> tuple[Risk, ...]:
    """Of putting `policy` in the place of `before`, as the caller in `account`."""
    return tuple(_risks(account, parse_document(policy), _parsed(before)))


def _risks(account: Account, after: PolicyDocument, before: PolicyDocument | None) -> Iterator[Risk]:
    lockout = locks_out(after, account=account.account_id, partition=account.partition, caller_arn=account.caller_arn)
    if lockout:
        yield Risk(RiskLevel.DANGER, "policy-lockout", lockout)
    if is_public(after) and not (before and is_public(before)):
        yield Risk(RiskLevel.DANGER, "public-policy", "anyone in the world may use the key")
    known = external_accounts(before, account.account_id) if before else frozenset()
    for stranger in sorted(external_accounts(after, account.account_id) - known):
        yield Risk(RiskLevel.CAUTION, "external-account", f"account {stranger} gets access to the key")


def _parsed(text: str | None) -> PolicyDocument | None:
    """None also for a policy that cannot be read: whatever the new one allows counts as new then."""
    try:
        return parse_document(text) if text else None
    except InvalidPolicy:
        return None
