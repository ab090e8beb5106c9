"""For one requester at a time: whether two policies rule alike, and if not, for what requests they do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.policy.access.facts import facts_of_principal
from reconciler.policy.evaluate import Facts, Requester
from reconciler.policy.meaning.cases import Case, Cases, cases_of, numbered
from reconciler.policy.meaning.clauses import Columns, Rules
from reconciler.policy.meaning.column import RESOURCE, Column
from reconciler.policy.meaning.following import FOLLOW, Following
from reconciler.policy.meaning.split import Budget, Chosen, Clauses, Search
from reconciler.policy.meaning.texts import Domain
from reconciler.policy.meaning.variables import assignments

_OWNER = "aws:resourceaccount"


class UnclearError(Exception):
    """What could be looked at tells nothing, and not everything could be looked at."""


@dataclass(slots=True)
class Comparison:
    """What two policies of one key ask, and what was found out about it so far."""

    columns: Columns
    following: Following
    account: str
    resources: Domain
    """What keys are called."""
    key_arn: str | None
    """What this one is called, None when that is not known."""
    budget: Budget = field(default_factory=Budget)
    _cases: dict[tuple[object, ...], Cases] = field(default_factory=dict)
    _found: dict[tuple[object, ...], Facts | None] = field(default_factory=dict)

    def known(self, requester: Requester) -> Facts:
        """What every request of `requester` for the key has."""
        known = {**facts_of_principal(requester), _OWNER: (self.account,)}
        return known | ({RESOURCE: (self.key_arn,)} if self.key_arn else {})

    def differences(self, requester: Requester, before: Rules, after: Rules) -> Iterator[tuple[int, Facts]]:
        """The bits of actions, with what a request has besides, for which the policies rule differently.

        Raises:
            UnclearError: nobody can say.
            TooManyError: nobody could say in time.
        """
        known = self.known(requester)
        fixed = self.following.answered(known, self._following)
        pairs: dict[tuple[Clauses, Clauses], int] = defaultdict(int)
        for bit in _bits(_differing(before, after)):
            pairs[_clauses(before, bit, fixed), _clauses(after, bit, fixed)] |= bit
        unclear: UnclearError | None = None
        for (one, other), actions in pairs.items():
            try:
                found = None if one == other else self._difference(one, other, known)
            except UnclearError as error:
                unclear = error
                continue
            if found is not None:
                yield actions, found
        if unclear is not None:
            raise unclear

    @property
    def _following(self) -> frozenset[str]:
        """The keys whose values follow from the requester and the key."""
        return FOLLOW | {_OWNER} | ({RESOURCE} if self.key_arn else frozenset())

    def _difference(self, before: Clauses, after: Clauses, known: Facts) -> Facts | None:
        """What a request has for which the clauses rule differently; None when there is none."""
        columns = [column for _, column in numbered(self.columns.numbers, _involved(before, after))]
        asked = sorted(frozenset().union(*(column.needs for column in columns)) & known.keys())
        key = (before, after, tuple((one, known[one]) for one in asked))
        if key not in self._found:
            self._found[key] = self._search(before, after, known, columns)
        return self._found[key]

    def _search(self, before: Clauses, after: Clauses, known: Facts, columns: list[Column]) -> Facts | None:
        variables = frozenset[str]().union(*(column.others for column in columns)) - self._following
        complete = not variables
        for assigned in assignments(variables, columns):
            facts = {**known, **assigned}
            fixed = self.following.answered(facts, self._following | variables)
            one, other = _reduced(before, fixed), _reduced(after, fixed)
            keys = self._keys(_involved(one, other), facts)
            chosen = Search(keys, self.budget).difference(one, other)
            if chosen is not None:
                return {**{key: assigned.get(key, ()) for key in variables}, **_facts(chosen)}
            complete = complete and all(one.complete for one in keys)
        if not complete and Search(self._loose(columns, known), self.budget).difference(before, after) is not None:
            raise UnclearError
        return None

    def _keys(self, involved: int, facts: Facts) -> list[Cases]:
        """The cases of every key that the questions `involved` are about."""
        by_key: dict[str, int] = defaultdict(int)
        for bit, column in numbered(self.columns.numbers, involved):
            by_key[column.key] |= bit
        return [self._cases_of(key, bits, facts) for key, bits in by_key.items()]

    def _cases_of(self, key: str, bits: int, facts: Facts) -> Cases:
        columns = numbered(self.columns.numbers, bits)
        others = sorted(frozenset[str]().union(*(column.others for _, column in columns)))
        known = (key, bits, tuple(facts.get(other) for other in others))
        if known not in self._cases:
            self._cases[known] = cases_of(key, columns, facts, self.resources)
        return self._cases[known]

    def _loose(self, columns: list[Column], known: Facts) -> list[Cases]:
        """Cases in which questions that nobody can answer together are answered each by itself.

        They are more than there can be: where not even they make a difference, there is none.
        """
        plain = loose = 0
        for column in columns:
            bit = self.columns.bit(column)
            if column.others <= self._following:
                plain |= bit
            else:
                loose |= bit
        keys = self._keys(plain, known)
        for one in keys:
            if not one.complete:
                loose |= one.columns
        apart = [Cases("", bit, (Case((), bit), Case((), 0)), complete=False) for bit in _bits(loose)]
        return [*(one for one in keys if one.complete), *apart]


def _differing(before: Rules, after: Rules) -> int:
    """The bits of the actions about which the rules do not say the same in the same words."""
    found = 0
    for key in before.keys() | after.keys():
        found |= before.get(key, 0) ^ after.get(key, 0)
    return found


def _clauses(rules: Rules, action: int, fixed: tuple[int, int]) -> Clauses:
    return _reduced(frozenset(said for said, actions in rules.items() if actions & action), fixed)


def _reduced(clauses: Clauses, fixed: tuple[int, int]) -> Clauses:
    """`clauses` once the questions `fixed` are answered: their bits, and of those the bits of a yes."""
    answered, yes = fixed
    no = answered & ~yes
    return frozenset((level, bits & ~answered) for level, bits in clauses if not bits & no)


def _involved(before: Clauses, after: Clauses) -> int:
    found = 0
    for _, bits in before | after:
        found |= bits
    return found


def _bits(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit


def _facts(chosen: Chosen) -> Facts:
    return {key: case.values for key, case in chosen}
