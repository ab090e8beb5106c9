"""Statements made ready, once for all requests, and applied to one.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from reconciler.policy.document import VERSIONS, PolicyDocument
from reconciler.policy.evaluate.conditions import Check, check
from reconciler.policy.evaluate.decision import Outcome
from reconciler.policy.evaluate.inputs import Facts
from reconciler.policy.evaluate.question import Clause, Question
from reconciler.policy.evaluate.requester import Naming, Requester, RequesterKind, canonical
from reconciler.policy.evaluate.sparing import is_spared
from reconciler.policy.evaluate.text import Matcher, Unreadable, Wildcard, keys_in, matcher, pieces_of
from reconciler.policy.principals import Principal
from reconciler.policy.statement import Effect, Statement

_CACHED = 4096
_NO_FACTS: Facts = {}


@dataclass(frozen=True, slots=True)
class _Texts:
    """A list of patterns of which one must match, or none."""

    matchers: tuple[Matcher, ...]
    negated: bool
    needs: frozenset[str]
    if_unreadable: bool | None
    """The answer when one pattern cannot be read; None when all can."""
    everything: bool = False
    """One of the patterns is `*`, and none of them must match nothing."""

    def match(self, text: str, facts: Facts) -> bool:
        if self.if_unreadable is not None:
            return self.if_unreadable
        return any(matches(text, facts) for matches in self.matchers) is not self.negated


@dataclass(frozen=True, slots=True)
class ReadyStatement:
    """A statement made ready."""

    statement: Statement
    names: frozenset[Principal]
    """Of `Principal` or `NotPrincipal`, in canonical form; empty in IAM policies."""
    actions: _Texts
    resources: _Texts | None
    """None in the trust policies of roles, which are about their role alone."""
    checks: tuple[Check, ...]
    holds: tuple[Callable[[Facts], bool], ...]
    """Of the checks, what to call."""
    needs: frozenset[str]
    """Of the checks."""

    @property
    def any_resource(self) -> bool:
        """Whether it is about every resource alike."""
        return self.resources is None or self.resources.everything

    def apply(self, question: Question) -> Clause | Outcome:
        """What is left open when the statement is about `question`; otherwise why it is not."""
        naming = self.naming(question.requester, bounded=question.bounded)
        if naming is Naming.NONE:
            return Outcome.OTHER_PRINCIPAL
        if not self.actions.match(question.action, _NO_FACTS):
            return Outcome.OTHER_ACTION
        resources = self.resources
        if resources is None or resources.everything:
            return Clause(naming, self.holds, self.needs)
        if resources.needs:
            in_resource = partial(resources.match, question.resource)
            return Clause(naming, (*self.holds, in_resource), self.needs | resources.needs)
        if not resources.match(question.resource, _NO_FACTS):
            return Outcome.OTHER_RESOURCE
        return Clause(naming, self.holds, self.needs)

    def resource_holds(self, question: Question, facts: Facts) -> bool:
        """Whether the statement is about the resource, its policy variables included."""
        return self.resources is None or self.resources.match(question.resource, facts)

    def naming(self, requester: Requester, *, bounded: bool) -> Naming:
        """How it includes `requester`, on whom a permission boundary is set or not."""
        if self.statement.principals:
            return requester.naming(self.names)
        if not self.statement.not_principals:
            return Naming.DIRECT
        if self.statement.effect is Effect.ALLOW:
            named = requester.naming(self.names) is not Naming.NONE
            return Naming.NONE if named else Naming.LIMITED
        return Naming.NONE if not bounded and is_spared(requester, self.names) else Naming.DIRECT


class _Same:
    """A document as a cache key: the very one, for comparing it with its like takes longer than finding it."""

    __slots__ = ("document",)

    def __init__(self, document: PolicyDocument) -> None:
        self.document = document

    def __hash__(self) -> int:
        return id(self.document)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.document is other.document


def ready(document: PolicyDocument) -> tuple[ReadyStatement, ...]:
    """The statements of `document`, made ready."""
    return _ready_document(_Same(document))


def about(document: PolicyDocument, question: Question) -> tuple[tuple[int, ReadyStatement], ...]:
    """The statements of `document` that name whoever asks, with their indices: of long policies few, for any action."""
    requester = question.requester
    return _about(_Same(document), requester, requester.kind, question.bounded)


@lru_cache(maxsize=_CACHED)
def _about(
    same: _Same,
    requester: Requester,
    _kind: RequesterKind,  # an identity provider and a service may have one name
    bounded: bool,  # noqa: FBT001  a cache key
) -> tuple[tuple[int, ReadyStatement], ...]:
    named = enumerate(_ready_document(same))
    return tuple((index, one) for index, one in named if one.naming(requester, bounded=bounded) is not Naming.NONE)


@lru_cache(maxsize=_CACHED)
def _ready_document(same: _Same) -> tuple[ReadyStatement, ...]:
    variables = same.document.version == VERSIONS[1]
    return tuple(_ready(statement, variables) for statement in same.document.statements)


@lru_cache(maxsize=_CACHED)
def _ready(statement: Statement, variables: bool) -> ReadyStatement:  # noqa: FBT001  a cache key
    denies = statement.effect is Effect.DENY
    actions = tuple(action.lower() for action in statement.actions)
    not_actions = tuple(action.lower() for action in statement.not_actions)
    about_resources = statement.resources or statement.not_resources
    checks = tuple(check(one, variables=variables, if_unreadable=denies) for one in statement.conditions)
    return ReadyStatement(
        statement=statement,
        names=frozenset(map(canonical, (*statement.principals, *statement.not_principals))),
        actions=_texts(actions, not_actions, variables=False, if_unreadable=denies),
        resources=_texts(statement.resources, statement.not_resources, variables=variables, if_unreadable=denies)
        if about_resources
        else None,
        checks=checks,
        holds=tuple(one.holds for one in checks),
        needs=frozenset().union(*(one.needs for one in checks)),
    )


def _texts(positive: tuple[str, ...], negative: tuple[str, ...], *, variables: bool, if_unreadable: bool) -> _Texts:
    try:
        found = [pieces_of(text, wildcards=True, variables=variables) for text in positive or negative]
    except Unreadable:
        return _Texts((), negated=False, needs=frozenset(), if_unreadable=if_unreadable)
    needs: frozenset[str] = frozenset().union(*map(keys_in, found))
    everything = bool(positive) and (Wildcard.RUN,) in found
    return _Texts(tuple(map(matcher, found)), bool(negative), needs, if_unreadable=None, everything=everything)
