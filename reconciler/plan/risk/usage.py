"""Whose last use decides how risky a change is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from reconciler.model.identifiers import AliasName, KeyId
from reconciler.model.observed import ObservedKey, ObservedTarget
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Change, Reason
from reconciler.plan.steps import (
    CreateAlias,
    DeleteAlias,
    DisableKey,
    EnableKey,
    ExistingKey,
    ImportMaterial,
    KeyHandle,
    PlannedKey,
    PutKeyPolicy,
    ScheduleDeletion,
    UpdateAlias,
)

_CUTS_OFF = "service-cut-off"


def keys_asked_for(change: Change, seen: ObservedTarget, stack: str) -> Iterator[ObservedKey]:
    """The keys of `seen`, the target of `change`, whose last use the guard wants to know."""
    for key_id in _ids(change, seen, stack):
        key = seen.keys.get(key_id)
        if key is not None:
            yield key


def _ids(change: Change, seen: ObservedTarget, stack: str) -> Iterator[KeyId]:
    if change.reason is Reason.DUPLICATE and change.resource_id:
        yield KeyId(change.resource_id)
    for step in change.steps:
        match step:
            case DisableKey(key) if EnableKey(key) in change.steps:
                pass  # it is opened for a moment, and disabled now
            case DisableKey(ExistingKey(key_id)) | ScheduleDeletion(ExistingKey(key_id), _):
                yield KeyId(key_id)
            case ImportMaterial(ExistingKey(key_id), valid_to=datetime()):
                yield KeyId(key_id)
            case PutKeyPolicy(ExistingKey(key_id)) if any(risk.name == _CUTS_OFF for risk in change.risks):
                yield KeyId(key_id)
            case UpdateAlias(alias, to):
                yield from _left(seen, alias, to, stack)
            case DeleteAlias(alias):
                yield from _left(seen, alias, _next(change), stack)
            case _:
                pass


def _next(change: Change) -> KeyHandle | None:
    """What an alias that is deleted is made again for."""
    return next((step.key for step in change.steps if isinstance(step, CreateAlias)), None)


def _left(seen: ObservedTarget, alias: AliasName, to: KeyHandle | None, stack: str) -> Iterator[KeyId]:
    """The key of the stack that an alias leaves; nobody loses anything when it goes to a successor.

    What it means to take an alias from others does not depend on whether they use it.
    """
    found = seen.aliases.get(alias)
    key_id = found.key_id if found else None
    name = _name(seen, key_id, stack) if key_id else None
    if key_id is not None and name is not None and name != _name_of(seen, to, stack):
        yield key_id


def _name_of(seen: ObservedTarget, to: KeyHandle | None, stack: str) -> str | None:
    match to:
        case PlannedKey(address):
            return address.name
        case ExistingKey(key_id):
            return _name(seen, KeyId(key_id), stack)
        case None:
            return None
        case _:
            assert_never(to)


def _name(seen: ObservedTarget, key_id: KeyId, stack: str) -> str | None:
    """What the key is called, if it is the stack's."""
    key = seen.keys.get(key_id)
    owner = Ownership.of(key.tags) if key else None
    return owner.name if owner and owner.stack == stack else None
