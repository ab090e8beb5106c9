"""What a request can have of one condition key: nothing, one value, or several.

There is one case for each way in which all questions about the key can be answered. Several values are read one after
the other, as the evaluator does. What is left of each question on the way is one of three (open, yes, no), so the walk
over values ends, with the fewest values for each case: never more than one for each question and one besides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from reconciler.policy.evaluate import Facts
from reconciler.policy.meaning.column import RESOURCE, Column, Mode
from reconciler.policy.meaning.keykinds import kind_of
from reconciler.policy.meaning.texts import Domain
from reconciler.policy.meaning.valueclass import Numbered, ValueClass
from reconciler.policy.meaning.values import value_classes

_MOST = 4_000
"""Cases of several values looked at before it is given up."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a request has of one key, and the answers."""

    values: tuple[str, ...]
    """Empty when it has none."""
    yes: int
    """The bits of the questions that are answered with yes."""


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of one key; all of them, if `complete`."""

    key: str
    columns: int
    """The bits of the questions that they answer."""
    cases: tuple[Case, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Bits:
    """The questions about one key, by what they do with values."""

    columns: int
    missing: int
    present: int
    """Those of presence that are met by any value."""
    every: int
    some: int
    one: int
    if_unreadable: int

    @classmethod
    def of(cls, columns: Numbered) -> _Bits:
        def those(*modes: Mode) -> int:
            return sum(bit for bit, column in columns if column.mode in modes)

        return cls(
            columns=sum(bit for bit, _ in columns),
            missing=sum(bit for bit, column in columns if column.missing),
            present=sum(bit for bit, column in columns if column.mode is Mode.PRESENCE and "false" in column.values),
            every=those(Mode.EVERY),
            some=those(Mode.SOME),
            one=those(Mode.ONE),
            if_unreadable=sum(bit for bit, column in columns if column.if_unreadable),
        )


def cases_of(key: str, columns: Numbered, facts: Facts, resources: Domain) -> Cases:
    """The cases of `key`, which the questions `columns` are about; `facts` has the values of their policy variables."""
    bits = _Bits.of(columns)
    asking = [(bit, column) for bit, column in columns if column.mode is not Mode.PRESENCE]
    found = value_classes(key, asking, facts, resources)
    kind = kind_of(key)
    cases: dict[int, Case] = {}
    if not kind.always and key != RESOURCE:
        cases[bits.missing] = Case((), bits.missing)
    for one in found.classes:
        yes = bits.present | one.yes | one.unreadable & bits.if_unreadable
        cases.setdefault(yes, Case((one.value,), yes))
    complete = found.complete
    if kind.many and key != RESOURCE:
        complete = _add_several(cases, found.classes, bits) and complete
    return Cases(key, bits.columns, tuple(cases.values()), complete)


def _add_several(cases: dict[int, Case], classes: tuple[ValueClass, ...], bits: _Bits) -> bool:
    """Add the cases of two values and more; whether there were few enough."""
    waiting: deque[tuple[tuple[str, ...], int, int]] = deque([((), 0, 0)])
    seen = {(0, 0, 0)}
    while waiting:
        values, yes, no = waiting.popleft()
        for one in classes:
            after = _read(yes, no, one, bits)
            state = (*after, min(len(values) + 1, 2))
            if state in seen:
                continue
            if len(seen) >= _MOST:
                return False
            seen.add(state)
            given = (*values, one.value)
            waiting.append((given, *after))
            if values:
                answers = _answers(*after, bits)
                cases.setdefault(answers, Case(given, answers))
    return True


def _read(yes: int, no: int, one: ValueClass, bits: _Bits) -> tuple[int, int]:
    """What is settled with yes and with no once a value like `one` was read too."""
    open_ = (bits.every | bits.some) & ~(yes | no)
    unreadable = open_ & one.unreadable
    readable = open_ & ~unreadable
    yes |= readable & bits.some & one.yes | unreadable & bits.if_unreadable
    no |= readable & bits.every & ~one.yes | unreadable & ~bits.if_unreadable
    return yes, no


def _answers(yes: int, no: int, bits: _Bits) -> int:
    """The answers when no value is left: of several values, nobody can say which a question about one is about."""
    return bits.present | yes | bits.every & ~no | bits.one & bits.if_unreadable


def numbered(columns: dict[Column, int], wanted: int) -> list[tuple[int, Column]]:
    """Those of `columns`, which are numbered, whose bits are `wanted`."""
    return [(bit, column) for column, number in columns.items() if wanted & (bit := 1 << number)]
