"""Which key a reference of a manifest will mean, once the plan is carried out, and what has to be done before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from reconciler.model.address import Address
from reconciler.model.desired import KeyReference, ManagedKey
from reconciler.model.identifiers import KeyId
from reconciler.plan.changes import Action, Change
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import CreateKey, ExistingKey, KeyHandle, PlannedKey, ReplicateKey


@dataclass(frozen=True, slots=True)
class Handles:
    """The current keys that the changes of one target's keys lead to."""

    current: Mapping[Address, KeyHandle | None]
    """By declared address; None where there will be none."""
    adopting: Mapping[KeyId, Address]
    """What keys that are nobody's yet are adopted as."""
    waiting: Mapping[Address, str] = field(default_factory=dict)
    """Declared keys that can only be made by a later plan, and why."""

    @classmethod
    def of(cls, changes: Iterable[Change]) -> Handles:
        """Of changes among which the one of a current key comes before those of the earlier keys of its name."""
        current: dict[Address, KeyHandle | None] = {}
        adopting = {}
        waiting = {}
        for change in changes:
            if change.resource_id is None and change.action is Action.NO_OP:
                waiting[change.address] = change.detail
            current.setdefault(change.address, handle_of(change))
            if change.action is Action.ADOPT:
                adopting[KeyId(change.resource_id or "")] = change.address
        return cls(current, adopting, waiting)


def handle_of(change: Change) -> KeyHandle | None:
    """The key that a change of a key leaves current; None when there will be none."""
    if change.action in (Action.CREATE, Action.REPLACE):
        return next(step.key for step in change.steps if isinstance(step, CreateKey | ReplicateKey))
    return ExistingKey(change.resource_id) if change.resource_id else None


def resolve(view: TargetView, reference: KeyReference, handles: Handles) -> KeyHandle | None:
    """The key that `reference` means; None when there is none."""
    if isinstance(reference, ManagedKey):
        return handles.current.get(reference.address)
    key = view.external(reference.key)
    if key is None:
        return None
    return ExistingKey(key.key_id if view.owns(key) else key.arn)


def waits_for(view: TargetView, handle: KeyHandle, handles: Handles) -> tuple[Address, ...]:
    """The changes that a resource on the key must wait for: those of its name, however the manifest refers to it."""
    match handle:
        case PlannedKey(address, _):
            return (address,)
        case ExistingKey(key):
            name = view.names.get(KeyId(key))
            own = view.key_address(name) if name else handles.adopting.get(KeyId(key))
            return () if own is None else (own,)
        case _:
            assert_never(handle)
