"""Who can change the key policy once it is put: the caller, or anybody at all.

By structure first, which fails closed; the evaluator then clears those of whom it is sure.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.printable import printable
from reconciler.model.observed import Account
from reconciler.plan.changes import Risk, RiskLevel
from reconciler.plan.risk.asking import Asking, ask
from reconciler.policy.administration import administrators, locks_out
from reconciler.policy.document import PolicyDocument
from reconciler.policy.normalise import normal_principal
from reconciler.policy.principals import PrincipalKind, account_of
from reconciler.policy.statement import Effect

_CHANGE = "kms:PutKeyPolicy"


def lockout_risks(after: PolicyDocument, before: PolicyDocument | None, account: Account) -> Iterator[Risk]:
    """`policy-lockout` of the caller, and `last-administrator` when nobody is left."""
    place = {"account": account.account_id, "partition": account.partition}
    why = locks_out(after, caller_arn=account.caller_arn, **place)
    if why and not _may_change(after, account, account.caller_arn):
        yield Risk(RiskLevel.DANGER, "policy-lockout", why)
    if not administrators(after, **place) and not any(
        _may_change(after, account, one) for one in _named(after, account)
    ):
        could = sorted(map(printable, administrators(before, **place))) if before else []
        until_now = f"; until now {', '.join(could)} is" if could else ""
        why = f"nobody is surely allowed {_CHANGE}: only AWS Support could make the key manageable again{until_now}"
        yield Risk(RiskLevel.DANGER, "last-administrator", why)


def _may_change(policy: PolicyDocument, account: Account, principal: str) -> bool:
    answer = ask(policy, account, Asking(principal), _CHANGE)
    return answer.allowed and answer.sure


def _named(policy: PolicyDocument, account: Account) -> Iterator[str]:
    """Who may be allowed under conditions: the caller, and the account's own principals that an Allow names."""
    yield account.caller_arn
    for statement in policy.statements:
        if statement.effect is Effect.ALLOW:
            for principal in statement.principals:
                if principal.kind is PrincipalKind.AWS and account_of(principal) == account.account_id:
                    yield normal_principal(principal, account.partition).name
