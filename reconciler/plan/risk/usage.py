"""Whose last use decides how risky a change is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from reconciler.model.identifiers import AliasName, KeyId
from reconciler.model.observed import ObservedKey, ObservedTarget
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Change, Reason
from reconciler.plan.risk.services import NAME as SERVICE_ACCESS
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


def keys_asked_for(change: Change, seen: ObservedTarget) -> Iterator[ObservedKey]:
    """The keys of `seen`, the target of `change`, whose last use the guard wants to know."""
    for key_id in _ids(change, seen):
        key = seen.keys.get(key_id)
        if key is not None:
            yield key


def _ids(change: Change, seen: ObservedTarget) -> Iterator[KeyId]:
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
            case PutKeyPolicy(ExistingKey(key_id)) if any(risk.name == SERVICE_ACCESS for risk in change.risks):
                yield KeyId(key_id)
            case UpdateAlias(alias, to):
                yield from _left(seen, alias, to)
            case DeleteAlias(alias):
                yield from _left(seen, alias, next((s.key for s in change.steps if isinstance(s, CreateAlias)), None))
            case _:
                pass


def _behind(seen: ObservedTarget, alias: AliasName) -> Iterator[KeyId]:
    found = seen.aliases.get(alias)
    if found is not None and found.key_id is not None:
        yield found.key_id


def _left(seen: ObservedTarget, alias: AliasName, to: KeyHandle | None) -> Iterator[KeyId]:
    """The key that an alias leaves; nobody loses anything when it goes to a successor."""
    for key_id in _behind(seen, alias):
        if not _is_succeeded(seen, key_id, to):
            yield key_id


def _is_succeeded(seen: ObservedTarget, key_id: KeyId, to: KeyHandle | None) -> bool:
    left = _owner(seen, key_id)
    if left is None or to is None:
        return False
    if isinstance(to, PlannedKey):
        return left.name == to.address.name
    other = _owner(seen, KeyId(to.key))
    return other is not None and (other.stack, other.name) == (left.stack, left.name)


def _owner(seen: ObservedTarget, key_id: KeyId) -> Ownership | None:
    key = seen.keys.get(key_id)
    return Ownership.of(key.tags) if key else None
