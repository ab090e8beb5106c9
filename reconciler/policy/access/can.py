"""Whether one request is allowed, and what decides it.

Source of what "delegated" means: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
(the key policy hands on to IAM policies) and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html (so it is across
accounts, always).
"""

from __future__ import annotations

from reconciler.policy.access import retiring
from reconciler.policy.access.answer import Answer, Standing
from reconciler.policy.access.ask import Ask
from reconciler.policy.access.deciding import decider
from reconciler.policy.access.facts import facts_of
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.access.missing import missing_of
from reconciler.policy.evaluate import (
    Decision,
    Facts,
    IdentityPolicies,
    Prepared,
    Reason,
    Requester,
    RequesterKind,
    Trace,
    prepare,
)
from reconciler.policy.evaluate.explain import Asked, explain

_EVERYTHING = IdentityPolicies(unrestricted=True)


def can(key: KeyFacts, ask: Ask, identity: IdentityPolicies | None = None) -> Answer:
    """Whether the request `ask` for `key` is allowed.

    `identity` is what IAM says of the principal, None when that is not known: then a request that IAM policies could
    still allow is delegated. Root users need none. A permission boundary that is not known is taken to limit nothing.
    """
    requester = Requester.of(ask.principal)
    if identity is None and requester.kind is RequesterKind.ROOT:
        identity = _EVERYTHING
    facts = facts_of(key, ask)
    prepared = _prepared(key, ask, requester, identity)
    decision = _decide(prepared, key, ask, facts)
    standing, reason = Standing.ALLOWED if decision.allowed else Standing.DENIED, decision.reason
    if identity is None and not decision.allowed:
        best = _decide(_prepared(key, ask, requester, _EVERYTHING), key, ask, facts)
        if best.allowed:
            standing, reason = Standing.DELEGATED, Reason.IDENTITY_POLICIES_UNKNOWN
    return _answer(prepared, standing, reason, (key, ask, facts))


def _prepared(key: KeyFacts, ask: Ask, requester: Requester, identity: IdentityPolicies | None) -> Prepared:
    return prepare(requester, ask.action, key.arn, key_account=key.account, key_policy=key.policy, identity=identity)


def _decide(prepared: Prepared, key: KeyFacts, ask: Ask, facts: Facts) -> Decision:
    if retiring.is_retirement(ask.action):
        return retiring.decide(prepared, key, facts)
    return prepared.decide(facts, key.grants, ask.context)


def _trace(prepared: Prepared, key: KeyFacts, ask: Ask, facts: Facts) -> tuple[Trace, ...]:
    if retiring.is_retirement(ask.action):
        return retiring.trace(prepared, key, facts)
    return explain(prepared.case, facts, Asked(key.grants, ask.context))


def _answer(prepared: Prepared, standing: Standing, reason: Reason, asked: tuple[KeyFacts, Ask, Facts]) -> Answer:
    key, ask, facts = asked
    trace = _trace(prepared, key, ask, facts)
    missing = () if prepared.settled else missing_of(prepared, ask, facts)
    return Answer(standing, reason, decider(prepared.case, reason, trace), trace, missing)
