"""A value of a condition key that stands for all values which the same questions are answered alike for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.policy.evaluate import Facts
from reconciler.policy.evaluate.operators import RULES
from reconciler.policy.evaluate.text import Unreadable
from reconciler.policy.meaning.column import Column
from reconciler.policy.meaning.networks import within

Numbered = Sequence[tuple[int, Column]]
"""Questions, each with its bit."""


@dataclass(frozen=True, slots=True)
class ValueClass:
    """One value, and how the questions about its key are answered for it alone."""

    value: str
    yes: int
    """The bits of those that it meets."""
    unreadable: int
    """The bits of those that can make nothing of it."""


@dataclass(frozen=True, slots=True)
class ValueClasses:
    """The values that stand for all values of one key."""

    classes: tuple[ValueClass, ...]
    complete: bool
    """Whether there is one for each way in which the questions can be answered together."""


def tried(values: Iterable[str], columns: Numbered, facts: Facts) -> list[ValueClass]:
    """What the evaluator's own tests say of each of `values`; of several that are answered alike, the first."""
    tests = [(bit, column, _tests(column)) for bit, column in columns]
    found: dict[tuple[int, int], ValueClass] = {}
    for value in dict.fromkeys(values):
        yes = unreadable = 0
        for bit, column, ready in tests:
            try:
                if any(matches(value, facts) for matches in ready) is not column.negated:
                    yes |= bit
            except Unreadable:
                unreadable |= bit
        found.setdefault((yes, unreadable), ValueClass(value, yes, unreadable))
    return list(found.values())


def _tests(column: Column) -> list:  # type: ignore[type-arg]
    if "Ip" in column.base:
        return [within(column.values)]
    make = RULES[column.base].make
    return [make(value, column.variables).matches for value in column.values]
