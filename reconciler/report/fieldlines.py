"""The fields of a change as lines, and what a change makes known only once it is applied."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.printable import printable
from reconciler.model.observed import Account
from reconciler.model.ownership import GRANTS_TAG, OPERATION_TAG, ROTATION_TAG, TAG_PREFIX
from reconciler.plan.changes import Action, Change, FieldChange
from reconciler.plan.explain import explain
from reconciler.plan.steps import CreateGrant, CreateKey, PlannedKey, ReplicateKey
from reconciler.report.lines import DiffLine, Mark, cosmetic_line, field_lines, hidden_line, kept_line
from reconciler.report.policylines import Place, policy_lines
from reconciler.report.words import KNOWN_AFTER_APPLY

_AGE = "ageDays"
"""Why a key is rotated, and nothing that goes with it."""
_TAKING = f"tags[{TAG_PREFIX}"
_NOTES = tuple(f"tags[{name}]" for name in (OPERATION_TAG, ROTATION_TAG, GRANTS_TAG))


def change_lines(change: Change, account: Account) -> Iterator[DiffLine]:
    """Every field of `change` that differs, or else its steps; `account` is the one that it is in."""
    for name in new_ids(change):
        yield _new_id(name, change)
    for field in told(change):
        if stays(field, change):
            yield kept_line(field.path, field.before)
        else:
            yield from _lines(field, Place(account, change.resource_id))
    if not change.fields:
        for step in change.steps:
            yield DiffLine(Mark.CHANGED, printable(explain(step)))


def told(change: Change) -> tuple[FieldChange, ...]:
    """The fields that say something to people: taking a key over and letting it go say already whose tags change.

    Of other changes, the tags in which kmsctl takes notes are told only when there is nothing else to tell.
    """
    own = _TAKING if change.action in (Action.ADOPT, Action.DISOWN) else _NOTES
    said = tuple(field for field in change.fields if not field.path.startswith(own))
    return said if said or change.action in (Action.ADOPT, Action.DISOWN) else change.fields


def stays(field: FieldChange, change: Change) -> bool:
    """Whether `field` of `change` only says how it is, and may be said."""
    return (change.action is Action.ORPHAN or field.path == _AGE) and not field.sensitive


def is_policy(field: FieldChange) -> bool:
    """Whether the values of `field` are policies as JSON texts."""
    return field.path == "policy"


def _lines(field: FieldChange, place: Place) -> Iterator[DiffLine]:
    if field.sensitive:
        yield hidden_line(field.path, field.before, field.after)
    elif is_policy(field):
        yield from policy_lines(field.path, field.before, field.after, place)
    elif field.cosmetic:
        yield cosmetic_line(field.path, field.before, field.after)
    else:
        yield from field_lines(field.path, field.before, field.after)


def new_ids(change: Change) -> Iterator[str]:
    """The ids that KMS gives when `change` is applied: `keyId`, `grantId`."""
    for step in change.steps:
        if isinstance(step, CreateKey) or (isinstance(step, ReplicateKey) and isinstance(step.primary, PlannedKey)):
            yield "keyId"
        elif isinstance(step, CreateGrant):
            yield "grantId"


def _new_id(name: str, change: Change) -> DiffLine:
    if change.resource_id is None:
        return DiffLine(Mark.ADDED, f"{name}: {KNOWN_AFTER_APPLY}")
    return DiffLine(Mark.CHANGED, f"{name}: {printable(change.resource_id)} → {KNOWN_AFTER_APPLY}")
