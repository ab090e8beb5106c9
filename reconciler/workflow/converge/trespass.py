"""Whether a change stays with what is its stack's own. Pure.

Tenants share an account and not its keys: a manifest of one namespace reaches no key of another's, and a key that is
nobody's only where the Target says so. Every step names the keys that it touches, so this holds for whatever the
planner comes to plan.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.address import Kind
from reconciler.model.identifiers import AliasName, KeyId
from reconciler.model.observed import ObservedTarget
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Change
from reconciler.plan.steps import (
    CreateAlias,
    DeleteAlias,
    ExistingKey,
    KeyHandle,
    ReplicateKey,
    Step,
    UpdateAlias,
)


def trespass(change: Change, observed: ObservedTarget, *, stack: str, unmanaged: bool) -> str | None:
    """Why `change` reaches too far; None when it does not.

    Args:
        change: of one object of the stack.
        observed: what was read of its target.
        stack: whose object it is.
        unmanaged: whether keys that are nobody's may be touched on this target.
    """
    if not change.steps:
        return None
    if change.address.kind is Kind.CUSTOM_KEY_STORE and not unmanaged:
        return _closed("custom key stores carry no mark of who they belong to")
    for step in change.steps:
        for key_id in _touched(step, observed):
            why = _whose(key_id, observed, stack, unmanaged=unmanaged)
            if why:
                return why
    return None


def _touched(step: Step, observed: ObservedTarget) -> Iterator[str]:
    """The keys that a step reaches: the one that it names, and the one that an alias leaves."""
    handles: list[KeyHandle | None] = [getattr(step, "key", None)]
    if isinstance(step, ReplicateKey):
        handles.append(step.primary)
    yield from (handle.key for handle in handles if isinstance(handle, ExistingKey))
    if isinstance(step, CreateAlias | UpdateAlias | DeleteAlias):
        alias = observed.aliases.get(AliasName(step.alias))
        if alias is not None and alias.key_id:
            yield alias.key_id


def _whose(key: str, observed: ObservedTarget, stack: str, *, unmanaged: bool) -> str | None:
    found = observed.keys.get(KeyId(key.rpartition("/")[2]))
    owner = Ownership.of(found.tags) if found else None
    if owner is not None and owner.stack == stack:
        return None
    if owner is not None:
        return f"key {key} belongs to {owner.name} of stack {owner.stack}"
    return None if unmanaged else _closed(f"key {key} is of no object of this namespace")


def _closed(why: str) -> str:
    return f"{why}, and the Target does not open such: it would have to say `unmanagedKeys: Allow`"
