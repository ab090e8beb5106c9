"""One request decided, in two steps: what does not depend on the request's context, once, and then the rest.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html and
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate.cross_account import works_across_accounts
from reconciler.policy.evaluate.decision import Decision, Reason
from reconciler.policy.evaluate.explain import Case, explain
from reconciler.policy.evaluate.grants import grant_applies, operation_of
from reconciler.policy.evaluate.inputs import Facts, GrantFacts, IdentityPolicies, Unparsable
from reconciler.policy.evaluate.requester import Naming, Requester
from reconciler.policy.evaluate.rulings import SILENT, Counts, Ruling, possible, readable, ruling, unconditional
from reconciler.policy.evaluate.statements import Clause, Question

_NO_CONTEXT: Mapping[str, str] = {}
_NO_FACTS: Facts = {}


@dataclass(frozen=True, slots=True)
class Rulings:
    """What every policy can say; None where there is no policy that limits, or none that allows."""

    key: Ruling | None
    identity: Ruling | None
    boundary: Ruling | None
    session: Ruling | None
    unrestricted: bool
    foreign: bool
    """The key is another account's."""
    service: bool
    """The requester belongs to no account: no identity policies are asked for."""

    def denied(self, counts: Counts) -> Reason | None:
        """The kind of policy that denies explicitly."""
        for one, reason in (
            (self.key, Reason.DENIED_BY_KEY_POLICY),
            (self.identity, Reason.DENIED_BY_IDENTITY_POLICY),
            (self.boundary, Reason.DENIED_BY_BOUNDARY),
            (self.session, Reason.DENIED_BY_SESSION_POLICY),
        ):
            if one is not None and one.denied(counts):
                return reason
        return None

    def allowed(self, counts: Counts) -> Reason:
        """Why the policies allow, or do not, when nothing denies explicitly. More clauses never allow less."""
        if self.key is None:
            return self._by_identity(counts) or (Reason.ROOT_USER if self.unrestricted else Reason.IDENTITY_POLICY)
        naming = self.key.allowed(counts)
        if naming is Naming.NONE:
            return Reason.NOT_ALLOWED_BY_KEY_POLICY
        if self.foreign and not self.service:
            return self._by_identity(counts) or Reason.BOTH_ACCOUNTS
        if naming is Naming.ACCOUNT:
            return self._by_identity(counts) or Reason.IDENTITY_POLICY
        if naming is Naming.LIMITED:
            return self._limited(counts) or Reason.KEY_POLICY
        return Reason.KEY_POLICY

    def within(self, naming: Naming, counts: Counts) -> bool:
        """Whether the requester's own policies let a grant count that includes it by `naming`."""
        match naming:
            case Naming.ACCOUNT:
                return self._by_identity(counts) is None
            case Naming.LIMITED:
                return self._limited(counts) is None
            case _:
                return naming is Naming.DIRECT

    def conditional(self) -> tuple[Clause, ...]:
        """Every clause that depends on the facts."""
        every = (self.key, self.identity, self.boundary, self.session)
        return tuple(clause for one in every if one is not None for clause in one.clauses() if clause.checks)

    def _by_identity(self, counts: Counts) -> Reason | None:
        """Why the requester's own policies do not allow; None when they do."""
        if self.unrestricted:
            return None
        if self.identity is None:
            return Reason.IDENTITY_POLICIES_UNKNOWN
        if self.identity.allowed(counts) is Naming.NONE:
            return Reason.NOT_ALLOWED_BY_IDENTITY_POLICY
        return self._limited(counts)

    def _limited(self, counts: Counts) -> Reason | None:
        """Which limit on the requester does not allow."""
        if self.boundary is not None and self.boundary.allowed(counts) is Naming.NONE:
            return Reason.NOT_ALLOWED_BY_BOUNDARY
        if self.session is not None and self.session.allowed(counts) is Naming.NONE:
            return Reason.NOT_ALLOWED_BY_SESSION_POLICY
        return None


_ALLOWING = frozenset({Reason.KEY_POLICY, Reason.IDENTITY_POLICY, Reason.BOTH_ACCOUNTS, Reason.ROOT_USER})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request of which everything but its context is known."""

    case: Case = field(repr=False)
    rulings: Rulings = field(repr=False)
    settled: Decision | None
    """The decision, when it is the same whatever the context and the grants."""
    needs: frozenset[str]
    """Condition keys, in lower case, that the policies look at; the others may be left out of the facts."""

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
        if reason in _ALLOWING:
            return Decision(allowed=True, reason=reason, explain=partial(explain, self.case, facts))
        operation = operation_of(self.case.question.action)
        if operation is not None:
            seen: list[GrantFacts] = []
            for grant in grants:
                seen.append(grant)
                naming = grant_applies(grant, self.case.question.requester, operation, facts, context)
                if isinstance(naming, Naming) and self.rulings.within(naming, counts):
                    reason = Reason.GRANT
                    break
            told = partial(explain, self.case, facts, tuple(seen), context)
            return Decision(allowed=reason is Reason.GRANT, reason=reason, explain=told)
        return Decision(allowed=False, reason=reason, explain=partial(explain, self.case, facts))


def prepare(
    requester: Requester,
    action: str,
    resource_arn: str,
    *,
    key_account: str | None,
    key_policy: PolicyDocument | Unparsable | None,
    identity: IdentityPolicies | None,
) -> Prepared:
    """What can be known of a request before its context is.

    `action` is an IAM action such as `kms:ReEncryptFrom`; `resource_arn` an ARN, or `*` for what is about no resource.
    `key_policy` is None for what has no policy of its own (an alias, or nothing), then IAM policies alone decide; a
    role's trust policy serves as well as a key's. `key_account` owns the resource, None when there is none. `identity`
    is None when the requester's IAM policies are not known: they then allow nothing.
    """
    bounded = identity is not None and identity.boundary is not None
    case = Case(Question(requester, action.lower(), resource_arn, bounded), key_policy, identity)
    foreign = key_account is not None and requester.account != key_account
    rulings = None if isinstance(key_policy, Unparsable) else _rulings(case, key_policy, foreign=foreign)
    if rulings is None:
        return _settled(case, Reason.UNPARSABLE_POLICY)
    if foreign and requester.account is not None and (key_policy is None or not works_across_accounts(action)):
        return _settled(case, Reason.NOT_ACROSS_ACCOUNTS)
    conditional = rulings.conditional()
    needs: frozenset[str] = frozenset().union(*(clause.needs for clause in conditional))
    return Prepared(case, rulings, _settle(case, rulings), needs)


def _settled(case: Case, reason: Reason) -> Prepared:
    nothing = Rulings(None, None, None, None, unrestricted=False, foreign=False, service=False)
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
    if surely in _ALLOWING:
        return Decision(allowed=True, reason=surely, explain=told)
    perhaps = rulings.allowed(possible)
    if surely is perhaps and operation_of(case.question.action) is None:
        return Decision(allowed=False, reason=surely, explain=told)
    return None


def _rulings(case: Case, key_policy: PolicyDocument | None, *, foreign: bool) -> Rulings | None:
    """None when an IAM policy cannot be read."""
    identity = case.identity
    own = IdentityPolicies() if identity is None else identity
    policies, boundary, session = readable(own.policies), readable([own.boundary]), readable([own.session])
    if policies is None or boundary is None or session is None:
        return None
    question = case.question
    return Rulings(
        key=None if key_policy is None else ruling((key_policy,), question),
        identity=None if identity is None else ruling(policies, question) if policies else SILENT,
        boundary=ruling(boundary, question) if boundary else None,
        session=ruling(session, question) if session else None,
        unrestricted=own.unrestricted,
        foreign=foreign,
        service=question.requester.account is None,
    )
