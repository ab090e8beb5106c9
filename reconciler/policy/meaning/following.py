"""Condition keys whose values follow from who asks, and the questions about them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.policy.evaluate import Facts
from reconciler.policy.meaning.column import Column, Mode
from reconciler.policy.meaning.texts import TextTests, is_textual

ARNS = "aws:principalarn"
ACCOUNTS = "aws:principalaccount"
SERVICES = "aws:principalservicename"
USERS = "aws:username"
_SAME: Mapping[str, str] = MappingProxyType({
    ARNS: ARNS,
    ACCOUNTS: ACCOUNTS,
    "kms:calleraccount": ACCOUNTS,
    SERVICES: SERVICES,
    "aws:principalservicenameslist": SERVICES,
    USERS: USERS,
})  # fmt: skip
"""Keys, each with the one that always has the same value."""
FOLLOW = frozenset({*_SAME, "aws:principalisawsservice", "aws:principaltype"})
"""All condition keys whose values follow from who asks."""


class Following:
    """The questions `columns`, numbered, as far as they are about such keys."""

    def __init__(self, columns: Mapping[Column, int]) -> None:
        about: dict[str, list[tuple[int, Column]]] = {}
        rest: list[tuple[int, Column]] = []
        for column, number in columns.items():
            quick = column.mode not in (Mode.PRESENCE, Mode.SETTLED) and is_textual(column.base)
            if quick and column.key in _SAME and not column.others:
                about.setdefault(_SAME[column.key], []).append((1 << number, column))
            else:
                rest.append((1 << number, column))
        self.columns = tuple(columns)
        self._about = about
        self._rest = rest
        self._tests = {key: TextTests(found, {}) for key, found in about.items()}
        self._answers = {key: _Answers(found) for key, found in about.items()}

    def asked(self, key: str) -> list[tuple[int, Column]]:
        """The questions about the text of `key`, one of `ARNS`, `ACCOUNTS`, `SERVICES` and `USERS`."""
        return self._about.get(key, [])

    def tests(self, key: str) -> TextTests | None:
        """They, ready for many values; None when there are none."""
        return self._tests.get(key)

    def answered(self, facts: Facts, keys: frozenset[str]) -> tuple[int, int]:
        """The bits of the questions about `keys` alone, and of those of them that are answered with yes.

        `keys` are those of this module and others, `facts` what a request has of them: at most one value each of those.
        """
        fixed = yes = 0
        for key, answers in self._answers.items():
            fixed |= answers.all
            values = facts.get(key)
            if values is None:
                yes |= answers.missing
            else:
                met, unreadable = self._tests[key].answered(values[0])
                yes |= met | unreadable & answers.if_unreadable
        for bit, column in self._rest:
            if column.needs <= keys:
                fixed |= bit
                yes |= bit if column.holds(facts) else 0
        return fixed, yes


class _Answers:
    """What questions answer where there is no value, or none that they can read."""

    def __init__(self, columns: list[tuple[int, Column]]) -> None:
        self.all = sum(bit for bit, _ in columns)
        self.missing = sum(bit for bit, column in columns if column.missing)
        self.if_unreadable = sum(bit for bit, column in columns if column.if_unreadable)
