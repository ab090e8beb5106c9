"""KC1xx: statements without which the policy would mean the same.

What means the same is decided by `policy.meaning`, request by request and not by the words; it is asked only where
other statements could say all that a statement says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from reconciler.lint.finding import Hit
from reconciler.lint.policytext import Placed
from reconciler.lint.reference import reference
from reconciler.lint.registry import Family
from reconciler.lint.statements import accounts_of, actions_of, is_anyone, placed
from reconciler.lint.subject import Subject
from reconciler.policy.document import PolicyDocument
from reconciler.policy.meaning import witness
from reconciler.policy.normalise import normal_principal, normal_statement
from reconciler.policy.principals import Principal
from reconciler.policy.statement import Effect, Statement

_KEPT = 1024
_NEAR = 12
"""The most statements about the same principals and actions to compare one with: each more costs more."""
_NEAR_WITH_CONDITIONS = 6
"""The most of them that have conditions: patterns in these cost far more."""


def allow_is_denied(subject: Subject) -> Iterator[Hit]:
    """Denials take back all that it allows."""
    for one, effect in _idle(subject):
        if effect is Effect.DENY:
            yield Hit(f"{one.name} allows nothing, for all of it is denied", one.path)


def says_nothing_new(subject: Subject) -> Iterator[Hit]:
    """Other statements say all of it."""
    for one, effect in _idle(subject):
        if effect is Effect.ALLOW:
            yield Hit(f"{one.name} says nothing that other statements do not say", one.path)


def _idle(subject: Subject) -> Iterator[tuple[Placed, Effect]]:
    """Statements that change nothing, with the effect of those that make them idle: denials, or their like."""
    document = subject.document
    accounts = accounts_of(subject)
    if document is None or document.document is None or not accounts:
        return
    found = _idle_in(document.document, min(accounts), subject.partition)
    for one, effect in zip(placed(subject), found, strict=True):
        if effect is not None:
            yield one, effect


@lru_cache(maxsize=_KEPT)
def _idle_in(document: PolicyDocument, account: str, partition: str) -> tuple[Effect | None, ...]:
    return tuple(_idler(document, index, account, partition) for index in range(len(document.statements)))


def _idler(document: PolicyDocument, index: int, account: str, partition: str) -> Effect | None:
    """What makes a statement idle; None where it is not, or is so by itself or by its double, as other checks say."""
    this = document.statements[index]
    others = _near(this, document.statements[:index] + document.statements[index + 1 :], partition)
    denials = tuple(each for each in others if each.effect is Effect.DENY)
    normal = normal_statement(this, partition=partition)
    doubled = normal in {normal_statement(each, partition=partition) for each in others}
    if doubled or _are_many(others) or not _may_be_idle(this, others):
        return None

    def changes_nothing(rest: tuple[Statement, ...]) -> bool:
        before, after = replace(document, statements=rest), replace(document, statements=(*rest, this))
        return witness(before, after, account=account, partition=partition) is None

    if changes_nothing(()) or not changes_nothing(others):
        return None
    return Effect.DENY if this.effect is Effect.ALLOW and changes_nothing(denials) else Effect.ALLOW


def _near(this: Statement, others: tuple[Statement, ...], partition: str) -> tuple[Statement, ...]:
    """Those of `others` that are about some of its principals and actions, and could make it idle.

    A statement that is idle beside some is idle beside more: what is left out here never makes one idle by mistake.
    Statements with conditions hardly ever cover one without.
    """
    named = actions_of(this)
    return tuple(
        each
        for each in others
        if (this.conditions or not each.conditions)
        and (each.effect is Effect.DENY or each.effect is this.effect)
        and _shares_principals(each, this, partition)
        and not named.isdisjoint(actions_of(each))
    )


def _are_many(others: tuple[Statement, ...]) -> bool:
    return len(others) > _NEAR or sum(bool(each.conditions) for each in others) > _NEAR_WITH_CONDITIONS


def _may_be_idle(this: Statement, others: tuple[Statement, ...]) -> bool:
    """Whether `others` are about all of its actions: a look before the question is put."""
    named = actions_of(this) & reference().on_key
    return bool(named) and named <= frozenset[str]().union(*map(actions_of, others))


def _shares_principals(one: Statement, other: Statement, partition: str) -> bool:
    if one.not_principals or any(map(is_anyone, one.principals)):
        return True
    return not _names(one.principals, partition).isdisjoint(_names(other.principals, partition))


def _names(principals: tuple[Principal, ...], partition: str) -> frozenset[Principal]:
    return frozenset(normal_principal(each, partition) for each in principals)


PROBES: Family = {
    "KC131": allow_is_denied,
    "KC132": says_nothing_new,
}
