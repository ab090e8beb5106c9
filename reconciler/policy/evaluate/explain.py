"""Why a decision was made: every statement and grant, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.kit.printable import printable
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate.decision import Outcome, Source, Trace
from reconciler.policy.evaluate.grants import grant_applies, operation_of
from reconciler.policy.evaluate.inputs import Facts, GrantFacts, IdentityPolicies, NamedPolicy, Unparsable
from reconciler.policy.evaluate.question import Clause, Question
from reconciler.policy.evaluate.requester import Naming
from reconciler.policy.evaluate.statements import ReadyStatement, ready
from reconciler.policy.statement import Effect


@dataclass(frozen=True, slots=True)
class Asked:
    """The grants that were looked at, and what their constraints were compared with."""

    grants: tuple[GrantFacts, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    """The encryption context of the request."""


_NO_GRANTS = Asked()


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the policies that answer it."""

    question: Question
    key_policy: PolicyDocument | Unparsable | None
    identity: IdentityPolicies | None
    control: tuple[NamedPolicy, ...] = ()
    """The resource control policies of the key's account that count."""

    @property
    def service_control(self) -> tuple[tuple[NamedPolicy, ...], ...]:
        """The service control policies of the requester's account that count, by level."""
        return self.identity.service_control if self.identity and not self.identity.service_linked else ()

    def policies(self) -> Iterator[tuple[Source, str, PolicyDocument | Unparsable]]:
        """Every policy, in the order in which a trace tells them."""
        if self.key_policy is not None:
            yield Source.KEY_POLICY, "", self.key_policy
        for source, policy in self._others():
            yield source, policy.name, policy.document

    def _others(self) -> Iterator[tuple[Source, NamedPolicy]]:
        identity = self.identity or IdentityPolicies()
        for policy in identity.policies:
            yield Source.IDENTITY_POLICY, policy
        if identity.boundary is not None:
            yield Source.BOUNDARY, identity.boundary
        if identity.session is not None:
            yield Source.SESSION_POLICY, identity.session
        for level in self.service_control:
            yield from ((Source.SERVICE_CONTROL, policy) for policy in level)
        yield from ((Source.RESOURCE_CONTROL, policy) for policy in self.control)


def explain(case: Case, facts: Facts | None = None, asked: Asked = _NO_GRANTS) -> tuple[Trace, ...]:
    """What became of each statement and grant; without facts, conditions are not looked at."""
    return (*_of_policies(case, facts), *_of_grants(case.question, facts or {}, asked))


def _of_policies(case: Case, facts: Facts | None) -> Iterator[Trace]:
    for source, name, document in case.policies():
        if isinstance(document, Unparsable):
            yield Trace(source, name, 0, None, Effect.DENY, Outcome.UNPARSABLE, document.why)
            continue
        for index, statement in enumerate(ready(document)):
            outcome, detail = _outcome(statement, case.question, facts)
            yield Trace(source, name, index, statement.statement.sid, statement.statement.effect, outcome, detail)


def _outcome(statement: ReadyStatement, question: Question, facts: Facts | None) -> tuple[Outcome, str]:
    clause = statement.apply(question)
    if not isinstance(clause, Clause):
        return clause, ""
    if facts is None:
        if clause.checks:
            return Outcome.CONDITION_OPEN, _conditions(statement)
        return Outcome.MATCHED, ""
    if not statement.resource_holds(question, facts):
        return Outcome.OTHER_RESOURCE, ""
    for one in statement.checks:
        if not one.holds(facts):
            return Outcome.CONDITION_FAILED, printable(f"{one.condition.operator} {one.condition.key}")
    return Outcome.MATCHED, ""


def _conditions(statement: ReadyStatement) -> str:
    return ", ".join(printable(f"{one.condition.operator} {one.condition.key}") for one in statement.checks)


def _of_grants(question: Question, facts: Facts, asked: Asked) -> Iterator[Trace]:
    operation = operation_of(question.action)
    for index, grant in enumerate(asked.grants):
        applies = grant_applies(grant, question.requester, operation, facts, asked.context)
        outcome = Outcome.MATCHED if isinstance(applies, Naming) else applies
        detail = _constraints(grant) if outcome is Outcome.CONDITION_FAILED else ""
        yield Trace(Source.GRANT, printable(grant.grant_id), index, None, Effect.ALLOW, outcome, detail)


def _constraints(grant: GrantFacts) -> str:
    """The constraints that a grant has, one of which was not kept."""
    found = {
        "EncryptionContextEquals": grant.context_equals,
        "EncryptionContextSubset": grant.context_subset,
        "SourceArn": grant.source_arn,
    }
    return ", ".join(name for name, value in found.items() if value is not None)
