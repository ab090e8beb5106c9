"""The difference between two policies as lines, statement by statement. It is worked out when it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never

from reconciler.kit.absent import ABSENT
from reconciler.kit.arn import key_arn as arn_of_key
from reconciler.kit.printable import printable
from reconciler.model.observed import Account
from reconciler.policy.compare import (
    CosmeticChange,
    PolicyDiff,
    StatementAdded,
    StatementChange,
    StatementChanged,
    StatementRemoved,
    compare,
)
from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.exposure import is_public
from reconciler.policy.faults import InvalidPolicy, PolicyFault
from reconciler.policy.principals import Principal
from reconciler.policy.statement import Statement
from reconciler.report.lines import DiffLine, Mark, deeper, value_text
from reconciler.report.witnesslines import witness_line

_TEXT_LIMIT = 2_048
"""Of what is shown of one element; principals and actions decide who can do what, so little is ever cut off."""
_THIS_KEY = ("*",)
"""The resource of nearly every statement, so it is not shown: in a key policy it means the key that has the policy.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html#key-policy-elements
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key is."""

    account: Account
    key_id: str | None
    """None when it is not known."""

    @property
    def key_arn(self) -> str | None:
        """The key's ARN, None when it is not known."""
        if self.key_id is None:
            return None
        return arn_of_key(self.account.region, self.account.account_id, self.key_id, self.account.partition)


def policy_lines(path: str, before: Any, after: Any, place: Place) -> Iterator[DiffLine]:
    """How the policy gets from `before` to `after`, JSON texts or `ABSENT`, for a key at `place`."""
    yield from _difference(path, before, after, place)
    if opens(before, after):
        yield DiffLine(Mark.NOTED, "lets everybody in", 1)


def opens(before: Any, after: Any) -> bool:
    """Whether of two policies, JSON texts or `ABSENT`, only `after` lets everybody in."""
    return _is_open(after) and not _is_open(before)


def _difference(path: str, before: Any, after: Any, place: Place) -> Iterator[DiffLine]:
    if before is ABSENT:
        yield DiffLine(Mark.ADDED, path)
        yield from deeper(_whole(Mark.ADDED, after))
    elif after is ABSENT:
        yield DiffLine(Mark.REMOVED, path)
        yield from deeper(_whole(Mark.REMOVED, before))
    else:
        diff = difference(before, after, place)
        yield DiffLine(Mark.COSMETIC if diff.same_meaning else Mark.CHANGED, path)
        yield from deeper(diff_lines(diff))


def difference(before: str, after: str, place: Place) -> PolicyDiff:
    """How the policy `after` differs from `before`; one that cannot be read is a difference."""
    account = place.account
    try:
        return compare(after, before, account=account.account_id, partition=account.partition, key_arn=place.key_arn)
    except InvalidPolicy as invalid:
        return PolicyDiff(unparsable=invalid.faults)


def diff_lines(diff: PolicyDiff) -> Iterator[DiffLine]:
    """`diff` as lines: what it means first, what is only written differently last."""
    yield from _faults(diff.unparsable)
    if diff.difference is not None:
        yield witness_line(diff.difference)
        yield from _ruling(diff)
    elif diff.statements or diff.version:
        yield DiffLine(Mark.COSMETIC, "other words (mean the same):")
        for line in _ruling(diff):
            yield DiffLine(Mark.COSMETIC, f"{line.mark} {line.text}", line.depth + 1)
    for cosmetic in diff.cosmetic:
        yield _cosmetic(cosmetic)


def _ruling(diff: PolicyDiff) -> Iterator[DiffLine]:
    if diff.version:
        before, after = diff.version
        yield DiffLine(Mark.CHANGED, f"Version: {before} → {after} (policy variables change their meaning)")
    for change in diff.statements:
        yield from _statement(change)
    if diff.accounts_gained:
        yield DiffLine(Mark.NOTED, f"lets other accounts in: {', '.join(diff.accounts_gained)}")


def _whole(mark: Mark, text: str) -> Iterator[DiffLine]:
    document = _read(text)
    if isinstance(document, InvalidPolicy):
        yield from _faults(document.faults)
        return
    for statement in document.statements:
        yield from _said(mark, statement)


def _is_open(text: Any) -> bool:
    """Whether a policy lets everybody in; one that cannot be read lets in nobody, for KMS would not take it."""
    document = _read(text) if isinstance(text, str) else None
    return isinstance(document, PolicyDocument) and is_public(document)


@lru_cache(maxsize=256)
def _read(text: str) -> PolicyDocument | InvalidPolicy:
    try:
        return parse_document(text)
    except InvalidPolicy as invalid:
        return invalid


def _faults(faults: Iterable[PolicyFault]) -> Iterator[DiffLine]:
    for fault in faults:
        yield DiffLine(Mark.NOTED, printable(f"cannot be read: {fault}", limit=_TEXT_LIMIT))


def _statement(change: StatementChange) -> Iterator[DiffLine]:
    match change:
        case StatementAdded(statement):
            yield from _said(Mark.ADDED, statement)
        case StatementRemoved(statement):
            yield from _said(Mark.REMOVED, statement)
        case StatementChanged():
            yield from _changed(change)
        case _:
            assert_never(change)


def _changed(change: StatementChanged) -> Iterator[DiffLine]:
    yield DiffLine(Mark.CHANGED, _name(change.after))
    for element in change.elements:
        name = printable(" ".join(element.path), limit=_TEXT_LIMIT)
        for mark, values in ((Mark.REMOVED, element.lost), (Mark.ADDED, element.gained)):
            for value in values:
                yield DiffLine(mark, f"{name}: {printable(value, limit=_TEXT_LIMIT)}", 1)


def _said(mark: Mark, statement: Statement) -> Iterator[DiffLine]:
    yield DiffLine(mark, _name(statement))
    for name, values in _elements(statement):
        yield DiffLine(mark, printable(f"{name}: {', '.join(values)}", limit=_TEXT_LIMIT), 1)


def _name(statement: Statement) -> str:
    name = printable(statement.sid) if statement.sid else "(no Sid)"
    return f"statement {name} ({statement.effect})"


def _elements(statement: Statement) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a statement says beside its Sid and effect, in AWS's order of elements."""
    yield from _principals("Principal", statement.principals)
    yield from _principals("NotPrincipal", statement.not_principals)
    for name, values in (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
        ("Resource", () if statement.resources == _THIS_KEY else statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if values:
            yield name, values
    for condition in statement.conditions:
        yield f"Condition {condition.operator} {condition.key}", condition.values


def _principals(name: str, principals: tuple[Principal, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind in dict.fromkeys(principal.kind for principal in principals):
        for principal in principals:
            if principal.kind is kind:
                yield f"{name} {kind}", (principal.name,)


def _cosmetic(change: CosmeticChange) -> DiffLine:
    old, new = ("(none)" if text is None else value_text(text) for text in (change.before, change.after))
    return DiffLine(Mark.COSMETIC, f"{change.element}: {old} → {new} (means the same)")
