"""One request decided, in two steps: what does not depend on the request's context, once, and then the rest.

Whether policies allow is for `verdict` to say, and whether grants do for `grants`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate.cross_account import works_across_accounts
from reconciler.policy.evaluate.decision import Decision, Reason
from reconciler.policy.evaluate.explain import Asked, Case, explain
from reconciler.policy.evaluate.grants import grant_applies, operation_of
from reconciler.policy.evaluate.inputs import (
    Controlled,
    Facts,
    GrantFacts,
    IdentityPolicies,
    Unparsable,
)
from reconciler.policy.evaluate.organization import KeyPolicy, apart, limits_of
from reconciler.policy.evaluate.question import Clause, Question
from reconciler.policy.evaluate.requester import Naming, Requester, RequesterKind
from reconciler.policy.evaluate.rulings import possible, readable, ruling, unconditional
from reconciler.policy.evaluate.verdict import ALLOWING, Rulings

_NO_CONTEXT: Mapping[str, str] = {}
_NO_FACTS: Facts = {}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request of which everything but its context is known."""

    case: Case = field(repr=False)
    rulings: Rulings = field(repr=False)
    settled: Decision | None
    """The decision, when it is the same whatever the context and the grants."""
    needs: frozenset[str]
    """Condition keys, in lower case, that the policies look at; the others may be left out of the facts."""

    @property
    def any_resource(self) -> bool:
        """Whether it serves for every resource of the account that has the same policy: no statement asks for one."""
        return self.rulings.any_resource

    def decide(
        self, facts: Facts = _NO_FACTS, grants: Iterable[GrantFacts] = (), context: Mapping[str, str] = _NO_CONTEXT
    ) -> Decision:
        """The decision for a request with these `facts`.

        Grants are looked at only when the policies neither allow nor deny explicitly; they compare their constraints
        with `context`, the encryption context of the request, and with the fact `aws:sourcearn`.
        """
        if self.settled is not None:
            return self.settled

        def counts(clause: Clause) -> bool:
            return clause.holds(facts)

        denied = self.rulings.denied(counts)
        if denied is not None:
            return Decision(allowed=False, reason=denied, explain=partial(explain, self.case, facts))
        reason = self.rulings.allowed(counts)
        if reason in ALLOWING:
            return Decision(allowed=True, reason=reason, explain=partial(explain, self.case, facts))
        return self._by_grants(reason, facts, Asked(tuple(grants), context))

    def _by_grants(self, reason: Reason, facts: Facts, asked: Asked) -> Decision:
        """The decision that grants make when the policies do not allow, for `reason`."""
        told = partial(explain, self.case, facts, asked)
        operation = operation_of(self.case.question.action)
        for grant in asked.grants:
            naming = grant_applies(grant, self.case.question.requester, operation, facts, asked.context)
            if isinstance(naming, Naming) and self.rulings.within(naming, lambda clause: clause.holds(facts)):
                return Decision(allowed=True, reason=Reason.GRANT, explain=told)
        return Decision(allowed=False, reason=reason, explain=told)


def prepare(
    requester: Requester,
    action: str,
    resource_arn: str,
    *,
    key_account: str | None,
    key_policy: KeyPolicy | Controlled | None,
    identity: IdentityPolicies | None,
) -> Prepared:
    """What can be known of a request before its context is.

    `action` is an IAM action such as `kms:ReEncryptFrom`; `resource_arn` an ARN, or `*` for what is about no resource.
    `key_policy` is None for what has no policy of its own (an alias, or nothing), then IAM policies alone decide; a
    role's trust policy serves as well as a key's. `key_account` owns the resource, None when there is none. `identity`
    is None when the requester's IAM policies are not known: they then allow nothing.
    """
    bounded = identity is not None and identity.boundary is not None
    question = Question(requester, action.lower(), resource_arn, bounded)
    policy, control = apart(key_policy, requester, action, identity)
    case = Case(question, policy, identity, control)
    foreign = key_account is not None and requester.account != key_account
    rulings = None if isinstance(policy, Unparsable) else _rulings(case, policy, foreign=foreign)
    if rulings is None:
        return _settled(case, Reason.UNPARSABLE_POLICY)
    served = requester.kind is RequesterKind.SERVICE or works_across_accounts(action)
    if foreign and (policy is None or not served):
        return _settled(case, Reason.NOT_ACROSS_ACCOUNTS)
    conditional = rulings.conditional()
    needs: frozenset[str] = frozenset().union(*(clause.needs for clause in conditional))
    return Prepared(case, rulings, _settle(case, rulings), needs)


def _settled(case: Case, reason: Reason) -> Prepared:
    nothing = Rulings.of((None,) * 4, unrestricted=False, foreign=False, service=False)
    return Prepared(case, nothing, Decision(allowed=False, reason=reason, explain=partial(explain, case)), frozenset())


def _settle(case: Case, rulings: Rulings) -> Decision | None:
    """The decision that no context and no grant changes."""
    told = partial(explain, case)
    denied = rulings.denied(unconditional)
    if denied is not None:
        return Decision(allowed=False, reason=denied, explain=told)
    if rulings.denied(possible):
        return None
    surely = rulings.allowed(unconditional)
    if surely in ALLOWING:
        return Decision(allowed=True, reason=surely, explain=told)
    perhaps = rulings.allowed(possible)
    if surely is perhaps and operation_of(case.question.action) is None:
        return Decision(allowed=False, reason=surely, explain=told)
    return None


def _rulings(case: Case, key_policy: PolicyDocument | None, *, foreign: bool) -> Rulings | None:
    """None when a policy of IAM or of an organisation cannot be read."""
    identity = case.identity
    own = IdentityPolicies() if identity is None else identity
    policies, boundary, session = readable(own.policies), readable([own.boundary]), readable([own.session])
    limits = limits_of(case.service_control, case.control, case.question)
    if policies is None or boundary is None or session is None or limits is None:
        return None
    question = case.question
    return Rulings.of(
        (
            None if key_policy is None else ruling((key_policy,), question),
            None if identity is None else ruling(policies, question),
            ruling(boundary, question) if boundary else None,
            ruling(session, question) if session else None,
        ),
        limits,
        unrestricted=own.unrestricted,
        foreign=foreign,
        service=question.requester.kind is RequesterKind.SERVICE,
    )
