"""In which ways one principal comes to do one thing, and what denies it.

The rules are those of `policy.evaluate`; what depends on the request stays as conditions. Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from reconciler.policy.access.answer import Standing
from reconciler.policy.access.entry import Way
from reconciler.policy.access.granted import granted
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.access.known import Known, open_conditions
from reconciler.policy.access.retiring import is_retirement
from reconciler.policy.access.subjects import Subject
from reconciler.policy.conditions import Condition
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import (
    IdentityPolicies,
    NamedPolicy,
    Outcome,
    RequesterKind,
    Source,
    Trace,
    Unparsable,
    works_across_accounts,
)
from reconciler.policy.evaluate.organization import controls
from reconciler.policy.evaluate.question import Clause, Question
from reconciler.policy.evaluate.requester import Naming
from reconciler.policy.evaluate.statements import about
from reconciler.policy.principals import ANYONE
from reconciler.policy.statement import Effect, Statement


@dataclass(frozen=True, slots=True)
class Asked:
    """One principal, one action, one key."""

    key: KeyFacts
    subject: Subject
    action: str
    known: Known
    question: Question

    @classmethod
    def of(cls, key: KeyFacts, subject: Subject, action: str) -> Asked:
        """The question whether `subject` may do `action` with `key`."""
        bounded = subject.identity is not None and subject.identity.boundary is not None
        question = Question(subject.anybody(), action.lower(), key.arn, bounded)
        return cls(key, subject, action, subject.known(action, key), question)

    @property
    def foreign(self) -> bool:
        """Whether the key is another account's, so that the principal's own account must agree."""
        requester = self.subject.requester
        if requester.kind is RequesterKind.SERVICE or requester.arn == ANYONE:
            return False
        return requester.account != self.key.account


@dataclass(frozen=True, slots=True)
class _Part:
    """A statement that fits, as far as conditions let it."""

    trace: Trace
    conditions: tuple[Condition, ...]
    naming: Naming
    statement: Statement


_Factor = tuple[tuple[Trace, ...], tuple[Condition, ...]]
_NOTHING_MORE: Final[tuple[_Factor, ...]] = (((), ()),)


def allowing(asked: Asked) -> Iterator[Way]:
    """The ways that allow or delegate: by the key policy, then by grants."""
    if asked.foreign and not works_across_accounts(asked.action):
        return
    for part in _parts(asked, asked.key.policy, (Source.KEY_POLICY, ""), Effect.ALLOW):
        counts = asked.subject.identity is not None or part.trace.index in asked.subject.statements
        if counts and _lets(asked, part):
            more = _wanting(asked, part.naming, foreign=asked.foreign)
            excluded = tuple(principal.name for principal in part.statement.not_principals)
            yield from _together(((part.trace,), part.conditions), more, excluded)
    for cause, conditions, naming in granted(asked.key.grants, asked.question):
        if naming is not Naming.ACCOUNT or asked.subject.identity is not None:
            yield from _together(((cause,), conditions), _wanting(asked, naming, foreign=False), ())


def _lets(asked: Asked, part: _Part) -> bool:
    """Whether `part` has an effect: who may retire a grant, that grant says, and the account that owns the key."""
    if not is_retirement(asked.action):
        return True
    return not asked.foreign and (part.naming is Naming.ACCOUNT or asked.subject.whole_account)


def denying(asked: Asked) -> Iterator[Way]:
    """The statements that deny."""
    for where, document in _policies(asked):
        for part in _parts(asked, document, where, Effect.DENY):
            yield Way(Standing.DENIED, (part.trace,), part.conditions, _spared(asked.subject, part.statement))


def _spared(subject: Subject, statement: Statement) -> tuple[str, ...]:
    """Whom of `subject`, where that is many, a Deny with `NotPrincipal` leaves alone."""
    if not subject.several:
        return ()
    return tuple(one.name for one in statement.not_principals if one.name != subject.requester.arn)


def _together(first: _Factor, more: Iterable[_Factor] | None, excluded: tuple[str, ...]) -> Iterator[Way]:
    """The ways that `first` makes with one of `more`; None: with IAM policies that are not known."""
    causes, conditions = first
    if more is None:
        yield Way(Standing.DELEGATED, causes, conditions, excluded)
        return
    for other_causes, others in more:
        yield Way(Standing.ALLOWED, (*causes, *other_causes), tuple(dict.fromkeys((*conditions, *others))), excluded)


def _wanting(asked: Asked, naming: Naming, *, foreign: bool) -> Iterable[_Factor] | None:
    """What IAM must add where the key names the principal so; None when that is not known."""
    subject, identity = asked.subject, asked.subject.identity
    by_iam = foreign or naming is Naming.ACCOUNT or subject.whole_account
    if identity is None:
        return None if by_iam else _NOTHING_MORE
    limits = list(_organization(asked, identity))
    if identity.unrestricted:
        return limits
    bounds = _factors(asked, Source.BOUNDARY, (identity.boundary,)) if identity.boundary else _NOTHING_MORE
    if by_iam:
        return _both(_both(_factors(asked, Source.IDENTITY_POLICY, identity.policies), bounds), limits)
    return _both(bounds, limits) if naming is Naming.LIMITED else limits


def _organization(asked: Asked, identity: IdentityPolicies) -> Iterable[_Factor]:
    """The conditions under which service control policies of every level allow it; they are no causes."""
    found: Iterable[_Factor] = _NOTHING_MORE
    for level in identity.service_control:
        allowing = [conditions for _, conditions in _factors(asked, Source.SERVICE_CONTROL, level)]
        if () not in allowing:
            found = _both(found, [((), conditions) for conditions in allowing])
    return found


def _both(left: Iterable[_Factor], right: Iterable[_Factor]) -> Iterator[_Factor]:
    for (causes, conditions), (more_causes, more) in product(left, right):
        yield (*causes, *more_causes), (*conditions, *more)


def _factors(asked: Asked, source: Source, policies: Iterable[NamedPolicy]) -> Iterator[_Factor]:
    for policy in policies:
        for part in _parts(asked, policy.document, (source, policy.name), Effect.ALLOW):
            yield (part.trace,), part.conditions


def _policies(asked: Asked) -> Iterator[tuple[tuple[Source, str], PolicyDocument | Unparsable]]:
    yield (Source.KEY_POLICY, ""), asked.key.policy
    identity = asked.subject.identity or IdentityPolicies()
    for policy in identity.policies:
        yield (Source.IDENTITY_POLICY, policy.name), policy.document
    if identity.boundary is not None:
        yield (Source.BOUNDARY, identity.boundary.name), identity.boundary.document
    for one in (one for level in identity.service_control for one in level):
        yield (Source.SERVICE_CONTROL, one.name), one.document
    if controls(asked.subject.requester, asked.action, asked.subject.identity):
        yield from (((Source.RESOURCE_CONTROL, one.name), one.document) for one in asked.key.control)


def _parts(
    asked: Asked, document: PolicyDocument | Unparsable, where: tuple[Source, str], effect: Effect
) -> Iterator[_Part]:
    """The statements of `document` with `effect` that are about the question, and can hold."""
    for index, one in about(document, asked.question) if isinstance(document, PolicyDocument) else ():
        if one.statement.effect is not effect:
            continue
        clause = one.apply(asked.question)
        conditions = open_conditions(one, asked.known) if isinstance(clause, Clause) else None
        if isinstance(clause, Clause) and conditions is not None:
            trace = Trace(*where, index, one.statement.sid, effect, Outcome.MATCHED)
            yield _Part(trace, conditions, clause.naming, one.statement)
