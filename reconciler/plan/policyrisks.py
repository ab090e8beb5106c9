"""What could go wrong with a new key policy."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.observed import Account
from reconciler.plan.changes import Risk, RiskLevel
from reconciler.policy.access import locks_out
from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.exposure import external_accounts, is_public
from reconciler.policy.faults import InvalidPolicy


def policy_risks(account: Account, policy: str, before: str | None) -> Iterator[Risk]:
    """Of putting `policy` in the place of `before`, as the caller in `account`."""
    after = parse_document(policy)
    lockout = locks_out(after, account=account.account_id, partition=account.partition, caller_arn=account.caller_arn)
    if lockout:
        yield Risk(RiskLevel.DANGER, "policy-lockout", lockout)
    old = _parsed(before)
    if is_public(after) and not (old and is_public(old)):
        yield Risk(RiskLevel.DANGER, "public-policy", "anyone in the world may use the key")
    known = frozenset(external_accounts(old, account.account_id)) if old else frozenset()
    for stranger in sorted(frozenset(external_accounts(after, account.account_id)) - known):
        yield Risk(RiskLevel.CAUTION, "external-account", f"account {stranger} gets access to the key")


def _parsed(text: str | None) -> PolicyDocument | None:
    try:
        return parse_document(text) if text else None
    except InvalidPolicy:
        return None
