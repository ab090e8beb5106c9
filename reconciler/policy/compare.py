"""What differs between two policies, in meaning and in looks.

Whether they differ is for their meaning to say (`policy.meaning`). How they do is told statement by statement: matched
by their normal form, then by Sid, then by likeness; what is left was added or removed. `before` is always the actual
policy and `after` the desired one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, assert_never

from reconciler.policy.document import PolicyDocument, parse_document, parse_text
from reconciler.policy.elements import ElementChange, element_changes
from reconciler.policy.exposure import external_accounts
from reconciler.policy.faults import InvalidPolicy, PolicyFault
from reconciler.policy.matching import Matching, match_statements
from reconciler.policy.meaning import Difference, Witness, witness
from reconciler.policy.normalise import effective_version, normal_statement, sort_key, uses_variables
from reconciler.policy.principals import is_unique_id
from reconciler.policy.statement import Statement

_CACHED = 1024
_ANY_RESOURCE = re.compile(r'"Resource"\s*:\s*(?:"\*"|\[\s*"\*"\s*\])')


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
    """By Sid, those without one last. Where the meaning is the same, they are other words for it."""
    version: tuple[str, str] | None = None
    """The versions before and after, when they could give the policy's `${…}` another meaning."""
    cosmetic: tuple[CosmeticChange, ...] = ()
    unparsable: tuple[PolicyFault, ...] = ()
    """Why the actual policy cannot be read; then nothing else is compared."""
    accounts_gained: tuple[str, ...] = ()
    """Ids of other accounts that the desired policy lets in and the actual one does not, sorted."""
    difference: Difference | None = None
    """A request that the two answer differently, or that nobody could say; None when they mean the same."""

    @property
    def same_meaning(self) -> bool:
        """Whether the two policies rule the same, in whatever words."""
        return self.difference is None and not self.unparsable

    @property
    def reworded(self) -> bool:
        """Whether they mean the same and are written differently, which is shown and never acted on."""
        return self.same_meaning and bool(self.statements or self.version or self.cosmetic)


_Policy = PolicyDocument | str | Mapping[str, Any]


def compare(
    desired: _Policy, actual: _Policy, *, account: str, partition: str, key_arn: str | None = None
) -> PolicyDiff:
    """The changes that lead from `actual` to `desired`, policies of a key in `account`.

    Without `key_arn`, they are compared for every key that the account can have.

    Raises:
        InvalidPolicy: `desired` has faults. An `actual` with faults is a difference instead.
    """
    place = _Place(account, partition, key_arn)
    if isinstance(desired, str) and isinstance(actual, str):
        if key_arn is not None and not (_names_resources(desired) or _names_resources(actual)):
            return _for_key(_compare_texts(desired, actual, replace(place, key_arn=None)), key_arn)
        return _compare_texts(desired, actual, place)
    return _compare(desired, actual, place)


def _for_key(diff: PolicyDiff, key_arn: str) -> PolicyDiff:
    """`diff`, found without looking at the key, for this one."""
    if not isinstance(diff.difference, Witness):
        return diff
    return replace(diff, difference=replace(diff.difference, resource=key_arn))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the key is."""

    account: str
    partition: str
    key_arn: str | None


def _names_resources(text: str) -> bool:
    """Whether it could matter for the policy in `text` which key has it. Most policies say `*`: this one."""
    return "NotResource" in text or text.count('"Resource"') != len(_ANY_RESOURCE.findall(text))


@lru_cache(maxsize=_CACHED)
def _compare_texts(desired: str, actual: str, place: _Place) -> PolicyDiff:
    """As `_compare`: many keys share their policy's text, desired and actual."""
    return _compare(desired, actual, place)


def _compare(desired: _Policy, actual: _Policy, place: _Place) -> PolicyDiff:
    wanted = _parsed(desired)
    try:
        found = _parsed(actual)
    except InvalidPolicy as invalid:
        return PolicyDiff(unparsable=invalid.faults)
    return _differences(wanted, found, place)


def orphan_principals(document: PolicyDocument) -> tuple[str, ...]:
    """Principals of roles and users that were deleted (`AROA…`, `AIDA…`), sorted; they give access to nobody."""
    named = (p for s in document.statements for p in (*s.principals, *s.not_principals))
    return tuple(sorted({p.name for p in named if is_unique_id(p.name)}))


def _parsed(policy: _Policy) -> PolicyDocument:
    if isinstance(policy, str):
        return parse_text(policy)
    return policy if isinstance(policy, PolicyDocument) else parse_document(policy)


def _differences(desired: PolicyDocument, actual: PolicyDocument, place: _Place) -> PolicyDiff:
    matching = match_statements(actual, desired, partition=place.partition)
    version, cosmetic = _version_change(actual, desired)
    if desired.id != actual.id:
        cosmetic = [CosmeticChange("Id", actual.id, desired.id), *cosmetic]
    sids = sorted(matching.sids, key=lambda pair: (pair[0] or "", pair[1] or ""))
    changes = _changes(matching, place.partition)
    told = _meaning(desired, actual, place) if changes or version else None
    gained = external_accounts(desired, place.account) - external_accounts(actual, place.account) if told else ()
    return PolicyDiff(
        statements=changes,
        version=version,
        cosmetic=(*cosmetic, *(CosmeticChange("Sid", before, after) for before, after in sids)),
        accounts_gained=tuple(sorted(gained)),
        difference=told,
    )


def _meaning(desired: PolicyDocument, actual: PolicyDocument, place: _Place) -> Difference | None:
    return witness(actual, desired, account=place.account, partition=place.partition, key_arn=place.key_arn)


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
