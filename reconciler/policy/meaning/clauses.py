"""The statements of a policy, taken apart: whom they name, which actions, and which questions they ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.policy.document import VERSIONS, PolicyDocument
from reconciler.policy.evaluate import Requester
from reconciler.policy.evaluate.requester import Naming, canonical
from reconciler.policy.evaluate.sparing import is_spared
from reconciler.policy.evaluate.statements import ReadyStatement, ready
from reconciler.policy.meaning.actionspace import ActionSpace
from reconciler.policy.meaning.column import Column, column_of, resource_column
from reconciler.policy.meaning.effectiveness import OF_NAMING, Effectiveness, is_foreign
from reconciler.policy.normalise import normal_principal
from reconciler.policy.principals import Principal
from reconciler.policy.statement import Effect

Said = tuple[bool, int]
"""Whether a statement denies, and the bits of the questions that must all be answered with yes."""
Ruled = dict[Said, int]
"""The bits of the actions that are ruled so."""
Rules = dict[tuple[Effectiveness, int], int]
"""For one requester: levels and questions, with the bits of the actions."""


class Columns:
    """The questions that two policies ask; the same question is one, whichever asks it."""

    def __init__(self) -> None:
        self.numbers: dict[Column, int] = {}

    def bit(self, column: Column) -> int:
        """The bit of `column`."""
        return 1 << self.numbers.setdefault(column, len(self.numbers))


@dataclass(frozen=True, slots=True)
class TakenApart:
    """A policy by whom it names; two are equal only when they mean the same."""

    named: dict[Principal, Ruled]
    """By principals, in canonical form, account ids as root ARNs."""
    others: dict[frozenset[Principal], Ruled]
    """By those whom `NotPrincipal` lists."""

    @property
    def names(self) -> frozenset[Principal]:
        """Whom it names, and whom it leaves out."""
        return frozenset(self.named).union(*self.others)

    def differing(self, other: TakenApart) -> frozenset[Principal] | None:
        """Whom the two name differently; None when it could be everybody."""
        if self.others != other.others:
            return None
        names = self.named.keys() | other.named.keys()
        return frozenset(name for name in names if self.named.get(name) != other.named.get(name))

    def rules_for(self, requester: Requester, account: str, space: ActionSpace) -> Rules:
        """All that is said about `requester` by this policy of a key of `account`."""
        foreign = is_foreign(requester, account)
        actions = space.across if foreign else space.everything
        rules: Rules = defaultdict(int)
        for naming, (denies, bits), ruled in self._about(requester):
            level = Effectiveness.DENIED if denies else OF_NAMING[naming]
            if foreign and not denies:
                level = Effectiveness.DELEGATED
            if ruled & actions:
                rules[level, bits] |= ruled & actions
        return rules

    def _about(self, requester: Requester) -> Iterator[tuple[Naming, Said, int]]:
        for name, naming in requester.names.items():
            for said, ruled in self.named.get(name, _NOTHING).items():
                yield naming, said, ruled
        for names, rules in self.others.items():
            named = requester.naming(names) is not Naming.NONE
            for said, ruled in rules.items():
                if not (is_spared(requester, names) if said[0] else named):
                    yield Naming.LIMITED, said, ruled


_NOTHING: Ruled = {}


def take_apart(document: PolicyDocument, columns: Columns, space: ActionSpace, partition: str) -> TakenApart:
    """`document` taken apart; questions that are new are added to `columns`."""
    named: dict[Principal, Ruled] = defaultdict(dict)
    others: dict[frozenset[Principal], Ruled] = defaultdict(dict)
    variables = document.version == VERSIONS[1]
    for statement in ready(document):
        said = statement.statement
        ruled = space.ruled(said.actions, said.not_actions)
        if not ruled:
            continue
        key = (said.effect is Effect.DENY, _questions(statement, columns, variables=variables))
        if said.not_principals:
            _add(others[frozenset(_names(said.not_principals, partition))], key, ruled)
        for name in _names(said.principals, partition):
            _add(named[name], key, ruled)
    return TakenApart(dict(named), dict(others))


def _add(rules: Ruled, said: Said, ruled: int) -> None:
    rules[said] = rules.get(said, 0) | ruled


def _names(principals: tuple[Principal, ...], partition: str) -> Iterator[Principal]:
    for principal in principals:
        yield canonical(normal_principal(principal, partition))


def _questions(statement: ReadyStatement, columns: Columns, *, variables: bool) -> int:
    said = statement.statement
    found = 0
    for made in statement.checks:
        found |= columns.bit(column_of(made, variables=variables, if_unreadable=said.effect is Effect.DENY))
    about = resource_column(statement, variables=variables)
    return found if about is None else found | columns.bit(about)
