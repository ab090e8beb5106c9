"""What differs between two policies, in meaning and in looks.

Statements are matched by their normal form, then by Sid, then by likeness; what is left was added or removed. `before`
is always the actual policy and `after` the desired one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never

from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.elements import ElementChange, element_changes
from reconciler.policy.exposure import external_accounts
from reconciler.policy.faults import InvalidPolicy, PolicyFault
from reconciler.policy.matching import Matching, match_statements
from reconciler.policy.normalise import effective_version, normal_statement, sort_key, uses_variables
from reconciler.policy.principals import is_unique_id
from reconciler.policy.statement import Statement

_CACHED = 1024


@dataclass(frozen=True, slots=True)
class StatementAdded:
    """A statement that only the desired policy has."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class StatementRemoved:
    """A statement that only the actual policy has."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class StatementChanged:
    """One statement that says something else: at least one element differs."""

    before: Statement
    after: Statement
    elements: tuple[ElementChange, ...]


StatementChange = StatementAdded | StatementRemoved | StatementChanged


@dataclass(frozen=True, slots=True)
class CosmeticChange:
    """A difference that rules nothing: `element` is `Sid`, `Id` or `Version`; None is absent."""

    element: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """How an actual policy differs from the desired one. Equal for every order of the statements of either."""

    statements: tuple[StatementChange, ...] = ()
    """By Sid, those without one last."""
    version: tuple[str, str] | None = None
    """The versions before and after, when they give the policy's `${…}` another meaning."""
    cosmetic: tuple[CosmeticChange, ...] = ()
    unparsable: tuple[PolicyFault, ...] = ()
    """Why the actual policy cannot be read; then nothing else is compared."""
    accounts_gained: tuple[str, ...] = ()
    """Ids of other accounts that the desired policy lets in and the actual one does not, sorted."""

    @property
    def same_meaning(self) -> bool:
        """Whether the two policies rule the same; cosmetic differences do not count."""
        return not (self.statements or self.version or self.unparsable)


_Policy = PolicyDocument | str | Mapping[str, Any]


def compare(desired: _Policy, actual: _Policy, *, account: str, partition: str) -> PolicyDiff:
    """The changes that lead from `actual` to `desired`, policies of a key in `account`.

    Raises:
        InvalidPolicy: `desired` has faults. An `actual` with faults is a difference instead.
    """
    if isinstance(desired, str) and isinstance(actual, str):
        return _compare_texts(desired, actual, account, partition)
    return _compare(desired, actual, account, partition)


@lru_cache(maxsize=_CACHED)
def _compare_texts(desired: str, actual: str, account: str, partition: str) -> PolicyDiff:
    """As `_compare`: many keys share their policy's text, desired and actual."""
    return _compare(desired, actual, account, partition)


def _compare(desired: _Policy, actual: _Policy, account: str, partition: str) -> PolicyDiff:
    wanted = _parsed(desired)
    try:
        found = _parsed(actual)
    except InvalidPolicy as invalid:
        return PolicyDiff(unparsable=invalid.faults)
    return _differences(wanted, found, account, partition)


def orphan_principals(document: PolicyDocument) -> tuple[str, ...]:
    """Principals of roles and users that were deleted (`AROA…`, `AIDA…`), sorted; they give access to nobody."""
    named = (p for s in document.statements for p in (*s.principals, *s.not_principals))
    return tuple(sorted({p.name for p in named if is_unique_id(p.name)}))


def _parsed(policy: _Policy) -> PolicyDocument:
    return policy if isinstance(policy, PolicyDocument) else parse_document(policy)


def _differences(desired: PolicyDocument, actual: PolicyDocument, account: str, partition: str) -> PolicyDiff:
    matching = match_statements(actual, desired, partition=partition)
    ruling, cosmetic = _version_change(actual, desired)
    if desired.id != actual.id:
        cosmetic = [CosmeticChange("Id", actual.id, desired.id), *cosmetic]
    sids = sorted(matching.sids, key=lambda pair: (pair[0] or "", pair[1] or ""))
    changes = _changes(matching, partition)
    gained = external_accounts(desired, account) - external_accounts(actual, account) if changes else ()
    return PolicyDiff(
        statements=changes,
        version=ruling,
        cosmetic=(*cosmetic, *(CosmeticChange("Sid", before, after) for before, after in sids)),
        accounts_gained=tuple(sorted(gained)),
    )


def _version_change(
    actual: PolicyDocument, desired: PolicyDocument
) -> tuple[tuple[str, str] | None, list[CosmeticChange]]:
    before, after = effective_version(actual), effective_version(desired)
    if before == after:
        return None, []
    if uses_variables(actual) or uses_variables(desired):
        return (before, after), []
    return None, [CosmeticChange("Version", actual.version, desired.version)]


def _changes(matching: Matching, partition: str) -> tuple[StatementChange, ...]:
    changed = (
        StatementChanged(before, after, element_changes(before, after, partition=partition))
        for before, after in matching.changed
    )
    changes: list[StatementChange] = [
        *changed,
        *map(StatementAdded, matching.added),
        *map(StatementRemoved, matching.removed),
    ]
    return tuple(sorted(changes, key=lambda change: _place(change, partition)))


def _place(change: StatementChange, partition: str) -> tuple[object, ...]:
    match change:
        case StatementChanged(after=statement) | StatementAdded(statement) | StatementRemoved(statement):
            normal = normal_statement(statement, partition=partition)
            return (statement.sid is None, statement.sid or "", type(change).__name__, sort_key(normal))
        case _:
            assert_never(change)
