"""One request put to a key policy that is to be: what shows that a risk is real, or that there is none.

IAM policies are taken to allow everything, as AWS's own check of a new key policy takes them
(https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.kit.arn import key_arn
from reconciler.kit.printable import printable
from reconciler.model.observed import Account
from reconciler.policy.access.facts import facts_of_principal
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Decision, Facts, IdentityPolicies, Outcome, Requester, RequesterKind, prepare
from reconciler.policy.statement import Effect

_EVERYTHING = IdentityPolicies(unrestricted=True)
_SOME_KEY = "00000000-0000-0000-0000-000000000000"
_UNSURE_OF_SESSIONS = frozenset({"aws:principalarn", "aws:userid"})
"""A session's ARN hides the path of its role."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a policy says to a request."""

    decision: Decision
    sure: bool
    """Whether no condition key that is not known, and no other key's ARN, would change it."""

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed as far as it is known."""
        return self.decision.allowed

    @property
    def statement(self) -> str:
        """The statements that allow it, in words."""
        found = (t for t in self.decision.trace if t.outcome is Outcome.MATCHED and t.effect is Effect.ALLOW)
        return ", ".join(f"statement {printable(t.sid) if t.sid else t.index + 1}" for t in found)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and what of it can be relied on."""

    principal: str
    facts: Facts = field(default_factory=dict)
    """Condition keys, in lower case, besides those that follow from the principal."""
    relied_on: frozenset[str] | None = None
    """The condition keys that are as they are for all whom the principal stands for; None: all that are known."""


def ask(policy: PolicyDocument, account: Account, asking: Asking, action: str) -> Answer:
    """What `policy`, of a key of `account`, says to somebody who asks for `action`."""
    requester = Requester.of(asking.principal)
    known = _known(requester, account) | dict(asking.facts)
    prepared = prepare(
        requester,
        action,
        key_arn(account.region, account.account_id, _SOME_KEY, account.partition),
        key_account=account.account_id,
        key_policy=policy,
        identity=_EVERYTHING,
    )
    hidden = _UNSURE_OF_SESSIONS if requester.kind is RequesterKind.SESSION else frozenset()
    told = known.keys() - hidden if asking.relied_on is None else asking.relied_on
    sure = prepared.any_resource and (prepared.settled is not None or prepared.needs <= told)
    return Answer(prepared.decide(known), sure)


def _known(requester: Requester, account: Account) -> dict[str, tuple[str, ...]]:
    return {
        **facts_of_principal(requester),
        "aws:requestedregion": (account.region,),
        "aws:resourceaccount": (account.account_id,),
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("false",),
        "kms:policyname": ("default",),
    }
