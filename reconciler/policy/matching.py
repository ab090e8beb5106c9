"""Which statement of one policy is which of another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from reconciler.policy.document import PolicyDocument
from reconciler.policy.elements import likeness
from reconciler.policy.normalise import normal_statement, sort_key
from reconciler.policy.statement import Statement

_ALIKE = 0.5
"""Statements without a common Sid that share less than this part of what they say are two, not one that changed."""

Sids = tuple[str | None, str | None]
_ByNormal = dict[Statement, list[Statement]]


@dataclass(frozen=True, slots=True)
class Matching:
    """The statements of two policies, matched; the orders mean nothing."""

    changed: tuple[tuple[Statement, Statement], ...]
    """Before and after."""
    added: tuple[Statement, ...]
    removed: tuple[Statement, ...]
    sids: tuple[Sids, ...]
    """Sids before and after, where they differ between statements that were matched."""


def match_statements(before: PolicyDocument, after: PolicyDocument, *, partition: str) -> Matching:
    """The statements of `before` and `after` matched by normal form, then by Sid, then by likeness.

    The outcome does not depend on the order of the statements in either document.
    """
    old, new = _by_normal(before, partition), _by_normal(after, partition)
    sids = [pair for normal in old if normal in new for pair in _sid_changes(old[normal], new[normal])]
    left = [old[normal][0] for normal in sorted(old.keys() - new.keys(), key=sort_key)]
    right = [new[normal][0] for normal in sorted(new.keys() - old.keys(), key=sort_key)]
    changed = _take_by_sid(left, right)
    alike = _take_by_likeness(left, right, partition)
    sids += [(one.sid, other.sid) for one, other in alike if one.sid != other.sid]
    return Matching((*changed, *alike), tuple(right), tuple(left), tuple(sids))


def _by_normal(document: PolicyDocument, partition: str) -> _ByNormal:
    """The statements by normal form; several that say the same by Sid, one without last."""
    found: _ByNormal = {}
    for statement in sorted(document.statements, key=lambda each: (each.sid is None, each.sid or "", sort_key(each))):
        found.setdefault(normal_statement(statement, partition=partition), []).append(statement)
    return found


def _sid_changes(before: list[Statement], after: list[Statement]) -> list[Sids]:
    old, new = [each.sid for each in before], [each.sid for each in after]
    lost = [sid for sid in old if sid not in new]
    gained = [sid for sid in new if sid not in old]
    return [pair for pair in zip_longest(lost, gained) if pair[0] != pair[1]]


def _take_by_sid(left: list[Statement], right: list[Statement]) -> list[tuple[Statement, Statement]]:
    """Take the pairs with one Sid out of `left` and `right`."""
    after = {statement.sid: statement for statement in right if statement.sid}
    pairs = [(statement, after[statement.sid]) for statement in left if statement.sid in after]
    _take(pairs, left, right)
    return pairs


def _take_by_likeness(
    left: list[Statement], right: list[Statement], partition: str
) -> list[tuple[Statement, Statement]]:
    """Take the pairs that are alike out of `left` and `right`, the most alike first."""
    scored = [
        (-likeness(one, other, partition=partition), row, column)
        for row, one in enumerate(left)
        for column, other in enumerate(right)
    ]
    rows: set[int] = set()
    columns: set[int] = set()
    pairs = []
    for score, row, column in sorted(scored):
        if -score >= _ALIKE and row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            pairs.append((left[row], right[column]))
    _take(pairs, left, right)
    return pairs


def _take(pairs: list[tuple[Statement, Statement]], left: list[Statement], right: list[Statement]) -> None:
    for one, other in pairs:
        left.remove(one)
        right.remove(other)
