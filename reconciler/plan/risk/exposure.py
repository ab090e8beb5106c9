"""Who outside of the account a new key policy lets in, each with a request that shows it.

By structure first, which fails closed; the evaluator then clears what it is sure of: a Deny that keeps them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reconciler.kit.printable import printable
from reconciler.model.observed import Account
from reconciler.plan.changes import Risk, RiskLevel
from reconciler.plan.risk.asking import Asking, ask
from reconciler.policy.actions import KEY_ACTIONS
from reconciler.policy.conditions import split_operator
from reconciler.policy.document import PolicyDocument, to_text
from reconciler.policy.evaluate import Facts, works_across_accounts
from reconciler.policy.exposure import external_accounts, is_public
from reconciler.policy.patterns import is_literal
from reconciler.policy.principals import account_of
from reconciler.policy.statement import Effect

_USED_FIRST = ("kms:Decrypt", "kms:Encrypt", "kms:Sign", "kms:GenerateMac", "kms:CreateGrant")
_ACTIONS = (*_USED_FIRST, *(a for a in KEY_ACTIONS if works_across_accounts(a) and a not in _USED_FIRST))
_EQUALS = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool", "StringEqualsIgnoreCase"})
_SHARED = frozenset({
    "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:requestedregion", "aws:resourceaccount",
    "aws:securetransport", "kms:calleraccount",
})  # fmt: skip
"""What all principals of one account have in common, and their requests."""
_NOT_CHOSEN = _SHARED - {"aws:principalorgid", "aws:principalorgpaths"}
"""Of these, those that follow from the principal's account and the key."""
_NO_ORGANISATION: Facts = {
    "aws:principalorgid": ("o-0000000000",),
    "aws:principalorgpaths": ("o-0000000000/r-0000/",),
}
"""That of a stranger: none that a policy names."""


class _Found(NamedTuple):
    """A request that is allowed, in words; empty when there is none, and whether that is sure."""

    example: str
    sure: bool


def exposure_risks(after: PolicyDocument, before: PolicyDocument | None, account: Account) -> Iterator[Risk]:
    """`public-policy`, and an `external-account` for each that was not let in before."""
    if is_public(after) and not (before and is_public(before)):
        found = _tried(after, account, [_stranger(after, account)], _NO_ORGANISATION)
        if found.example or not found.sure:
            yield Risk(RiskLevel.DANGER, "public-policy", f"anyone in the world may use the key{found.example}")
    known = external_accounts(before, account.account_id) if before else frozenset()
    for stranger in sorted(external_accounts(after, account.account_id) - known):
        found = _tried(after, account, _people_of(after, stranger, account), {})
        if found.example or not found.sure:
            why = f"account {stranger} gets access to the key{found.example}"
            yield Risk(RiskLevel.CAUTION, "external-account", why)


def _tried(policy: PolicyDocument, account: Account, people: list[str], facts: Facts) -> _Found:
    """The first request of `people` that is allowed, by what the conditions of some statement ask for."""
    sure = True
    for given in (facts, *({**_asked_for(policy, index), **facts} for index in range(len(policy.statements)))):
        for principal in people:
            asking = Asking(principal, _possible(given, principal), _SHARED)
            for action in _ACTIONS:
                answer = ask(policy, account, asking, action)
                if answer.allowed:
                    return _Found(f": for example {printable(principal)} {action}, by {answer.statement}", sure=True)
                sure = sure and answer.sure
        if sure:
            break
    return _Found("", sure)


def _possible(given: Facts, principal: str) -> Facts:
    """`given` without what cannot be said of `principal`: where it is from, and whose ARN it has, nobody chooses."""
    owner = principal.split(":")[4]
    return {
        key: values
        for key, values in given.items()
        if key not in _NOT_CHOSEN and (key != "aws:principalarn" or values[0].split(":")[4:5] == [owner])
    }


def _asked_for(policy: PolicyDocument, index: int) -> Facts:
    """Facts by which the conditions of an Allow hold, as far as they say so literally."""
    statement = policy.statements[index]
    conditions = statement.conditions if statement.effect is Effect.ALLOW else ()
    return {
        one.key.lower(): one.values[:1]
        for one in conditions
        if split_operator(one.operator)[1] in _EQUALS and one.values and is_literal(one.values[0])
    }


def _stranger(policy: PolicyDocument, account: Account) -> str:
    """A role of an account that the policy does not name."""
    text = to_text(policy)
    ids = (f"{number:012d}" for number in range(999_999_999_999, 0, -1))
    other = next(one for one in ids if one != account.account_id and one not in text)
    return f"arn:{account.partition}:iam::{other}:role/anybody"


def _people_of(policy: PolicyDocument, stranger: str, account: Account) -> list[str]:
    """Who of the account `stranger` the policy may mean: those whom it names, and a role whom it does not."""
    named = {one.name for statement in policy.statements for one in statement.principals if account_of(one) == stranger}
    arns = sorted(name for name in named if name.startswith("arn:") and not name.endswith(":root"))
    return [*arns, f"arn:{account.partition}:iam::{stranger}:role/anybody"]
