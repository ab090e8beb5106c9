"""What happens to aliases: created, moved in place, and shown when nobody declares them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredAlias, DesiredGrant, DesiredKey, KeyReference, ManagedKey
from reconciler.model.identifiers import AliasName
from reconciler.model.keyspec import Family, KeyUsage, capabilities
from reconciler.model.observed import ObservedAlias, ObservedKey
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.decide.handles import Handles, resolve, waits_for
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import CreateAlias, DeleteAlias, ExistingKey, KeyHandle, PlannedKey, Step, UpdateAlias


def plan_aliases(view: TargetView, handles: Handles) -> Iterator[Change]:
    """A change for every declared alias, and for undeclared ones on declared keys."""
    for desired in view.aliases:
        yield _plan_alias(view, desired, handles)
    yield from _undeclared(view)


def not_found(reference: KeyReference) -> str:
    """Why there is no key that `reference` means."""
    if isinstance(reference, ManagedKey):
        return f"{reference.address} is not there, and none is planned: see what blocks it"
    return f"there is no key {reference.key} in this account and Region"


def unresolved(address: Address, why: str) -> Change:
    """A resource that cannot be on the key that it names."""
    return Change(address, Action.BLOCKED, Reason.UNRESOLVED, detail=why)


def without_key(desired: DesiredAlias | DesiredGrant, handles: Handles) -> Change:
    """A resource whose key is not there: it cannot be, or waits with a key that a later plan makes."""
    key = desired.key.address if isinstance(desired.key, ManagedKey) else None
    if key is None or key not in handles.waiting:
        return unresolved(desired.address, not_found(desired.key))
    why = f"{key} is not there yet: {handles.waiting[key]}"
    return Change(desired.address, Action.NO_OP, Reason.UNRESOLVED, position=desired.position, detail=why)


NOT_THERE_YET = " (known after apply)"


def shown(handle: KeyHandle) -> str:
    """A key as a plan shows it: one that is not there yet by its name."""
    match handle:
        case ExistingKey(key):
            return key
        case PlannedKey(address, _):
            return f"{address}{NOT_THERE_YET}"
        case _:
            assert_never(handle)


def _plan_alias(view: TargetView, desired: DesiredAlias, handles: Handles) -> Change:
    handle = resolve(view, desired.key, handles)
    if handle is None:
        return without_key(desired, handles)
    current = view.observed.aliases.get(desired.name)
    before = current.key_id if current else None
    if handle == ExistingKey(before or ""):
        return Change(
            desired.address, Action.NO_OP, Reason.IN_SYNC, resource_id=desired.name, position=desired.position
        )
    hindrance = _hindrance(view, desired.key, handle)
    if hindrance:
        return unresolved(desired.address, hindrance)
    steps = _steps(view, desired.name, current, handle)
    return Change(
        desired.address,
        Action.CREATE if current is None else Action.UPDATE,
        Reason.MISSING if current is None else Reason.DIFFERS,
        fields=(FieldChange("key", before or ABSENT, shown(handle)),),
        steps=steps,
        depends_on=waits_for(view, handle, handles),
        resource_id=desired.name if current else None,
    )


def _hindrance(view: TargetView, reference: KeyReference, handle: KeyHandle) -> str:
    """Why no alias can point to a key from outside the stack; what hinders a declared key, its own change mends."""
    key = view.key_of(handle.key) if isinstance(handle, ExistingKey) else None
    if isinstance(reference, ManagedKey) or key is None:
        return ""
    if not view.owns(key):
        return f"an alias and its key are of one account and Region, and {key.arn} is elsewhere"
    if key.pending_deletion:
        return f"KMS points no alias to a key that awaits deletion, as {key.key_id} does"
    return ""


def _steps(view: TargetView, name: AliasName, current: ObservedAlias | None, handle: KeyHandle) -> tuple[Step, ...]:
    if current is None:
        return (CreateAlias(name, handle),)
    if _movable(view, current, handle):
        return (UpdateAlias(name, handle),)
    return (DeleteAlias(name), CreateAlias(name, handle))


def _movable(view: TargetView, current: ObservedAlias, handle: KeyHandle) -> bool:
    """UpdateAlias asks that both keys be of one type and usage (API reference, UpdateAlias)."""
    old = view.observed.keys.get(current.key_id) if current.key_id else None
    new = _behind(view, handle)
    return old is None or new is None or _nature(old) == _nature(new)


def _behind(view: TargetView, handle: KeyHandle) -> ObservedKey | DesiredKey | None:
    match handle:
        case ExistingKey(key):
            return view.key_of(key)
        case PlannedKey(address, _):
            return view.declared_keys[address.name]
        case _:
            assert_never(handle)


def _nature(key: ObservedKey | DesiredKey) -> tuple[Family, KeyUsage]:
    return capabilities(key.key_spec).family, key.key_usage


def _undeclared(view: TargetView) -> Iterator[Change]:
    for desired in view.keys:
        for key in view.lineage(desired.address.name).all():
            for name in view.aliases_of.get(key.key_id, ()):
                if name not in view.declared_aliases:
                    yield _unwanted(view, name, key, desired.address)


def _unwanted(view: TargetView, name: AliasName, key: ObservedKey, owner: Address) -> Change:
    prune = view.options.prune
    return Change(
        view.address(Kind.ALIAS, name.removeprefix("alias/")),
        Action.DELETE if prune else Action.ORPHAN,
        Reason.PRUNE_ASKED if prune else Reason.NOT_DECLARED,
        fields=(FieldChange("key", key.key_id, ABSENT),),
        steps=(DeleteAlias(name),) if prune else (),
        depends_on=(owner,),
        resource_id=name,
        detail=f"it points to {owner}, whose manifest does not declare it",
    )
