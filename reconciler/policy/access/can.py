"""Whether one request is allowed, and what decides it.

Source of what "delegated" means: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
(the key policy hands on to IAM policies) and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html (so it is across
accounts, always).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from reconciler.policy.access import retiring
from reconciler.policy.access.answer import Answer, Explanation, Standing
from reconciler.policy.access.ask import Ask
from reconciler.policy.access.deciding import decider
from reconciler.policy.access.facts import facts_of
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.access.missing import missing_of
from reconciler.policy.evaluate import (
    Controlled,
    Decision,
    IdentityPolicies,
    NamedPolicy,
    Prepared,
    Reason,
    Requester,
    RequesterKind,
    parse_identity_policy,
    prepare,
)
from reconciler.policy.evaluate.explain import Asked, explain

_EVERYTHING = IdentityPolicies(unrestricted=True)
_ANYTHING = NamedPolicy(
    "everything", parse_identity_policy({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
)
"""In place of IAM policies that are not known: what they allow at most."""


def can(key: KeyFacts, ask: Ask, identity: IdentityPolicies | None = None) -> Answer:
    """Whether the request `ask` for `key` is allowed.

    `identity` is what IAM says of the principal, None when that is not known: then a request that IAM policies could
    still allow is delegated. Root users need none. A permission boundary that is not known is taken to limit nothing.
    """
    requester = Requester.of(ask.principal)
    if identity is None and requester.kind is RequesterKind.ROOT:
        identity = _EVERYTHING
    request = _Request(key, ask, requester)
    prepared = request.prepared(identity)
    decision = request.decide(prepared)
    explain = partial(request.explain, prepared)
    if decision.allowed:
        return Answer(Standing.ALLOWED, decision.reason, explain)
    if identity is None and request.may_be_delegated(decision.reason):
        return Answer(Standing.DELEGATED, Reason.IDENTITY_POLICIES_UNKNOWN, explain)
    return Answer(Standing.DENIED, decision.reason, explain)


def can_in_session(key: KeyFacts, ask: Ask, identity: IdentityPolicies | None, session: NamedPolicy) -> Answer:
    """As `can`, for a session of a role or federated user that is limited to the policy `session`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    """
    if identity is not None:
        return can(key, ask, replace(identity, session=session))
    within = can(key, ask, IdentityPolicies((_ANYTHING,), session=session))
    return within if within.standing is Standing.DENIED else can(key, ask)


@dataclass(frozen=True, slots=True)
class _Request:
    key: KeyFacts
    ask: Ask
    requester: Requester

    def prepared(self, identity: IdentityPolicies | None) -> Prepared:
        key = self.key
        return prepare(
            self.requester,
            self.ask.action,
            key.arn,
            key_account=key.account,
            key_policy=Controlled(key.policy, key.control) if key.control else key.policy,
            identity=identity,
        )

    def decide(self, prepared: Prepared) -> Decision:
        if retiring.is_retirement(self.ask.action):
            return retiring.decide(prepared, self.key, facts_of(self.key, self.ask))
        return prepared.settled or prepared.decide(facts_of(self.key, self.ask), self.key.grants, self.ask.context)

    def may_be_delegated(self, denial: Reason) -> bool:
        """Whether IAM policies that nobody knows could allow what is denied for this reason."""
        match denial:
            case Reason.IDENTITY_POLICIES_UNKNOWN:
                return True
            case Reason.NOT_ALLOWED_BY_KEY_POLICY | Reason.NOT_ALLOWED_BY_GRANT:  # a grant to the account, or its owner
                return self.decide(self.prepared(_EVERYTHING)).allowed
            case _:
                return False

    def explain(self, prepared: Prepared, reason: Reason) -> Explanation:
        """What decides, and what became of everything else."""
        key, ask = self.key, self.ask
        facts = facts_of(key, ask)
        if retiring.is_retirement(ask.action):
            trace = retiring.trace(prepared, key, facts)
        else:
            trace = explain(prepared.case, facts, Asked(key.grants, ask.context))
        missing = () if prepared.settled else missing_of(prepared, ask, facts)
        return Explanation(decider(prepared.case, reason, trace), trace, missing)
