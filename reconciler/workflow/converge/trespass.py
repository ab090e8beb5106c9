"""Whether a change stays with what is its stack's own. Pure.

Tenants share an account and not its keys: a manifest of one namespace reaches no key of another's, and a key that is
nobody's only where the Target says so. Every step names the keys that it touches, so this holds for whatever the
planner comes to plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from reconciler.model.address import Kind
from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.model.observed import ObservedState, ObservedTarget
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Change
from reconciler.plan.steps import (
    CreateAlias,
    CreateKey,
    DeleteAlias,
    ExistingKey,
    ReplicateKey,
    Step,
    UpdateAlias,
    targets_of,
)

_STORES: Final = "custom key stores carry no mark of who they belong to"
"""So one that is there may be anybody's, and a key that is made in it keeps it from being deleted."""


def trespass(change: Change, observed: ObservedState, *, stack: str, unmanaged: Collection[TargetName]) -> str | None:
    """Why `change` reaches too far; None when it does not.

    Args:
        change: of one object of the stack.
        observed: what was read of all targets.
        stack: whose object it is.
        unmanaged: the targets where keys that are nobody's may be touched.
    """
    closed = change.address.target not in unmanaged
    if closed and change.address.kind is Kind.CUSTOM_KEY_STORE:
        return _closed(_STORES)
    for step in change.steps:
        if closed and isinstance(step, CreateKey) and step.store is not None:
            return _closed(_STORES)
        for target, key_id in _touched(step, change.address.target, observed):
            why = _whose(key_id, observed.targets.get(target), stack, unmanaged=target in unmanaged)
            if why:
                return why
    return None


def _touched(step: Step, target: TargetName, observed: ObservedState) -> Iterator[tuple[TargetName, str]]:
    """The keys that a step reaches, and where: those that it names, and the one that an alias leaves."""
    handle = step.primary if isinstance(step, ReplicateKey) else getattr(step, "key", None)
    if isinstance(handle, ExistingKey):
        # The replica that ReplicateKey makes is where the change is, and its primary where the call is made.
        places = targets_of(step, target)[:1] if isinstance(step, ReplicateKey) else targets_of(step, target)
        yield from ((place, handle.key) for place in places)
    if isinstance(step, CreateAlias | UpdateAlias | DeleteAlias) and target in observed.targets:
        alias = observed.targets[target].aliases.get(AliasName(step.alias))
        if alias is not None and alias.key_id:
            yield target, alias.key_id


def _whose(key: str, observed: ObservedTarget | None, stack: str, *, unmanaged: bool) -> str | None:
    found = observed.keys.get(KeyId(key.rpartition("/")[2])) if observed else None
    if found is None and not key.startswith("arn:"):
        return f"key {key} cannot be read, so nobody knows whose it is"
    owner = Ownership.of(found.tags) if found else None
    if owner is not None and owner.stack == stack:
        return None
    if owner is not None:
        return f"key {key} belongs to {owner.name} of stack {owner.stack}"
    return None if unmanaged else _closed(f"no object of this namespace declares key {key}")


def _closed(why: str) -> str:
    return f"{why}, and its Target keeps such from namespaces; only with `unmanagedKeys: Allow` there is it possible"
