"""Everybody who is named: in the key policy, in its conditions, in grants, and in IAM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from reconciler.kit.arn import root_arn
from reconciler.policy.access.facts import facts_of_key, facts_of_principal
from reconciler.policy.access.identities import Identities, name_of
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.access.known import Known, absent_of
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Facts, IdentityPolicies, Requester, RequesterKind
from reconciler.policy.evaluate.requester import Naming
from reconciler.policy.patterns import is_literal, matches
from reconciler.policy.principals import (
    ANYONE,
    Principal,
    PrincipalKind,
    is_account_id,
    is_principal_arn,
    is_unique_id,
)
from reconciler.policy.statement import Effect, Statement

_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_ALGORITHM: Final = MappingProxyType({"kms:encryptionalgorithm": (_SYMMETRIC,)})


@dataclass(frozen=True, slots=True)
class Subject:
    """A principal, or all principals of an account, or everybody."""

    requester: Requester
    facts: Facts = field(compare=False)
    """What every request of it for the key has."""
    absent: frozenset[str] = frozenset()
    """What no request of it has."""
    statements: frozenset[int] = frozenset()
    """Those of the key policy that name it."""
    identity: IdentityPolicies | None = None
    whole_account: bool = False

    @property
    def several(self) -> bool:
        """Whether it stands for many: everybody, or an account of whose people nothing is known."""
        return self.requester.arn == ANYONE or (self.whole_account and self.identity is None)

    def anybody(self) -> Requester:
        """Who asks: of an account of whose people nothing is known, somebody whom no policy names."""
        if self.whole_account and self.several:
            return replace(self.requester, arn=f"{self.requester.arn}/*", kind=RequesterKind.OTHER)
        return self.requester

    def known(self, action: str, key: KeyFacts) -> Known:
        """What is known of its requests for `action`."""
        symmetric = key.spec == _SYMMETRIC
        return Known({**self.facts, **_ALGORITHM} if symmetric else self.facts, action.lower(), self.absent)


def subjects(key: KeyFacts, identities: Identities | None) -> tuple[Subject, ...]:
    """Everybody named: everybody and accounts first, then by ARN, then services."""
    people = identities or Identities()
    found = _Found(key, people)
    for index, statement in enumerate(key.policy.statements if isinstance(key.policy, PolicyDocument) else ()):
        for principal in _named_in(statement):
            found.add(principal, index)
    for name in (name for grant in key.grants for name in (grant.grantee, grant.retiring) if name):
        found.add(Principal(PrincipalKind.AWS if name.startswith("arn:") else PrincipalKind.SERVICE, name))
    open_to_all = any(subject.requester.arn == ANYONE for subject in found.subjects())
    for person in people:
        if open_to_all or allows_any_of_kms(person.policies):
            found.add(Principal(PrincipalKind.AWS, person.arn))
    return tuple(sorted(found.subjects(), key=_order))


def allows_any_of_kms(identity: IdentityPolicies) -> bool:
    """Whether an Allow of these IAM policies may be about KMS at all; of most roles of an account none is."""
    return any(
        statement.effect is Effect.ALLOW and (bool(statement.not_actions) or any(map(_about_kms, statement.actions)))
        for policy in identity.policies
        for statement in (policy.document.statements if isinstance(policy.document, PolicyDocument) else ())
    )


def _about_kms(action: str) -> bool:
    return matches(action.lower().partition(":")[0], "kms")


def _order(subject: Subject) -> tuple[int, str]:
    requester = subject.requester
    rank = 3 if requester.kind is RequesterKind.SERVICE else 2
    return 0 if requester.arn == ANYONE else 1 if subject.whole_account else rank, requester.arn


def _named_in(statement: Statement) -> Iterator[Principal]:
    yield from statement.principals
    if statement.not_principals and statement.effect is Effect.ALLOW:
        yield Principal(PrincipalKind.AWS, ANYONE)
    for condition in statement.conditions:
        if condition.key.lower() == "aws:principalarn" and "Not" not in condition.operator:
            yield from (
                Principal(PrincipalKind.AWS, value)
                for value in condition.values
                if is_literal(value) and is_principal_arn(value)
            )


class _Found:
    """Collects subjects; one that is named several times is one."""

    def __init__(self, key: KeyFacts, identities: Identities) -> None:
        self._key = key
        self._identities = identities
        self._of_key = facts_of_key(key)
        self._subjects: dict[tuple[str, bool], Subject] = {}

    def add(self, principal: Principal, statement: int | None = None) -> None:
        """Note that `principal` is named, by `statement` of the key policy."""
        if principal.kind is PrincipalKind.AWS and is_unique_id(principal.name):
            return  # a role or user that was deleted asks for nothing
        requester = _requester(principal, self._key.partition)
        whole = requester.kind is RequesterKind.ROOT
        named = (name_of(requester) if requester.kind is not RequesterKind.SESSION else requester.arn, whole)
        subject = self._subjects.get(named) or self._subject(requester)
        if statement is not None:
            subject = replace(subject, statements=subject.statements | {statement})
        self._subjects[named] = subject

    def subjects(self) -> Iterator[Subject]:
        return iter(self._subjects.values())

    def _subject(self, requester: Requester) -> Subject:
        whole = requester.kind is RequesterKind.ROOT
        if requester.arn == ANYONE:
            return Subject(requester, self._of_key)
        person = None if whole else self._identities.person(requester)
        facts = {**self._of_key, **_facts(requester), **self._identities.facts_about(requester)}
        return Subject(
            Requester.of(person.arn) if person and requester.kind is RequesterKind.ROLE else requester,
            facts,
            absent_of(requester),
            identity=self._identities.policies_of(requester.arn),
            whole_account=whole,
        )


def _facts(requester: Requester) -> Facts:
    """Of an account, what all its principals have in common."""
    found = facts_of_principal(requester)
    if requester.kind is not RequesterKind.ROOT:
        return found
    return {name: found[name] for name in ("aws:principalaccount", "aws:principalisawsservice", "kms:calleraccount")}


def _requester(principal: Principal, partition: str) -> Requester:
    match principal.kind:
        case PrincipalKind.AWS if principal.name == ANYONE:
            return Requester(ANYONE, None, partition, RequesterKind.OTHER, None, {principal: Naming.LIMITED})
        case PrincipalKind.AWS if is_account_id(principal.name):
            return Requester.of(root_arn(principal.name, partition))
        case PrincipalKind.FEDERATED:
            return Requester(principal.name, None, partition, RequesterKind.PROVIDER, None, {principal: Naming.DIRECT})
        case _:
            return Requester.of(principal.name)
