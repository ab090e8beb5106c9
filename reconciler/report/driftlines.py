"""The fields of a drift as lines: minus what the manifest says, plus what is real."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.absent import ABSENT
from reconciler.kit.printable import printable
from reconciler.model.observed import Account
from reconciler.plan.drift import DriftEntry, DriftKind, FieldDrift
from reconciler.report.lines import DiffLine, Mark, deeper, field_lines, hidden_line, value_text
from reconciler.report.policylines import Place, policy_lines


def entry_lines(entry: DriftEntry, account: Account) -> Iterator[DiffLine]:
    """Every field of `entry` that differs, in `account`; of a resource that is not there, none."""
    if entry.kind is not DriftKind.MISSING:
        for field in entry.fields:
            yield from _lines(field, Place(account, entry.resource_id))


def _lines(field: FieldDrift, place: Place) -> Iterator[DiffLine]:
    if field.sensitive:
        yield hidden_line(field.path, field.desired, field.real)
    elif field.path == "policy":
        yield from policy_lines(field.path, field.desired, field.real, place)
    elif field.desired is ABSENT or field.real is ABSENT:
        yield from field_lines(field.path, field.desired, field.real)
    else:
        yield DiffLine(Mark.CHANGED, printable(field.path))
        yield from deeper(_both(field))


def _both(field: FieldDrift) -> Iterator[DiffLine]:
    yield DiffLine(Mark.REMOVED, f"desired: {value_text(field.desired)}")
    yield DiffLine(Mark.ADDED, f"real: {value_text(field.real)}")
