"""Whether two sets of clauses rule alike, by taking one condition key at a time and each of its cases.

A clause is a level and the bits of the questions that must all be answered with yes. Only where a clause holds that one
set has and the other has not can the two differ, so the keys of such clauses are taken first; what was compared once is
remembered.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.policy.meaning.cases import Case, Cases
from reconciler.policy.meaning.effectiveness import Effectiveness

Clauses = frozenset[tuple[Effectiveness, int]]
"""Levels and conditions. `DENIED` wins over all; else the highest that holds counts."""
Chosen = tuple[tuple[str, Case], ...]
"""A case for each key that was looked at."""

_FEW = 24
"""Clauses that are compared with each other; of more, it takes too long."""
LOOKS = 500_000
"""At clauses, before it is given up: some seconds."""


class TooManyError(Exception):
    """There are more combinations than anybody looks at."""


class Budget:
    """How often clauses may be looked at yet."""

    def __init__(self, looks: int = LOOKS) -> None:
        self._left = looks

    def spend(self, looks: int) -> None:
        """Take some.

        Raises:
            TooManyError: that many are not left.
        """
        self._left -= looks
        if self._left < 0:
            raise TooManyError


class Search:
    """Compares sets of clauses over the same questions."""

    def __init__(self, keys: Sequence[Cases], budget: Budget) -> None:
        self._keys = keys
        self._budget = budget
        self._known: dict[tuple[Clauses, Clauses], Chosen | None] = {}

    def difference(self, before: Clauses, after: Clauses) -> Chosen | None:
        """Cases in which the two rule differently; None when there are none.

        Raises:
            TooManyError: nobody could say in time.
        """
        return self._difference(settled(before), settled(after))

    def _difference(self, before: Clauses, after: Clauses) -> Chosen | None:
        if before == after:
            return None
        if (before, after) in self._known:
            return self._known[before, after]
        self._budget.spend(len(before) + len(after))
        taken = self._next(before, after)
        found = () if taken is None else self._by(taken, before, after)
        self._known[before, after] = found
        return found

    def _by(self, taken: Cases, before: Clauses, after: Clauses) -> Chosen | None:
        for case in taken.cases:
            rest = self._difference(_given(before, taken, case), _given(after, taken, case))
            if rest is not None:
                return ((taken.key, case), *rest)
        return None

    def _next(self, before: Clauses, after: Clauses) -> Cases | None:
        """The key to take: of a clause that only one set has, else of any; None when nothing is open."""
        for clauses in (before ^ after, before | after):
            open_ = 0
            for _, bits in clauses:
                open_ |= bits
            if open_:
                lowest = open_ & -open_
                return next(one for one in self._keys if one.columns & lowest)
        return None


def settled(clauses: Clauses) -> Clauses:
    """`clauses` without those that make no difference beside one that holds whatever the request has."""
    sure = max((level for level, bits in clauses if not bits), default=Effectiveness.NOT_ALLOWED)
    if sure is Effectiveness.DENIED:
        return frozenset({(sure, 0)})
    kept = {(level, bits) for level, bits in clauses if bits and level > sure}
    return _absorbed(frozenset(kept | ({(sure, 0)} if sure else set())))


def _given(clauses: Clauses, taken: Cases, case: Case) -> Clauses:
    columns, no = taken.columns, taken.columns & ~case.yes
    return settled(frozenset((level, bits & ~columns) for level, bits in clauses if not bits & no))


def _absorbed(clauses: Clauses) -> Clauses:
    """`clauses` without those that hold only where another does that says as much; all of them if they are many."""
    if len(clauses) > _FEW:
        return clauses
    return frozenset(
        (level, bits)
        for level, bits in clauses
        if not any(
            other & bits == other and higher >= level and (other, higher) != (bits, level) for higher, other in clauses
        )
    )
