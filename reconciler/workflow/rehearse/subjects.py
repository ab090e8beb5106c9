"""What the steps of a plan are about, and which changes cannot be rehearsed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from reconciler.apply.rehearsal import LeftOut
from reconciler.engine.crypto.specs import SPECS
from reconciler.model.address import Address
from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.model.keyspec import KeySpec
from reconciler.model.observed import Account, ObservedKey, ObservedState
from reconciler.plan.changes import Change, Plan
from reconciler.plan.steps import (
    ConnectCustomKeyStore,
    CreateCustomKeyStore,
    CreateKey,
    DeleteAlias,
    DisableRotation,
    DisconnectCustomKeyStore,
    EnableRotation,
    ExistingKey,
    ImportMaterial,
    KeyHandle,
    PlannedKey,
    ReplicateKey,
    RotateOnDemand,
    Step,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdatePrimary,
)


class Place(NamedTuple):
    """An existing key and where it is called."""

    target: TargetName
    key_id: KeyId


def touched(plan: Plan, observed: ObservedState) -> list[Place]:
    """The keys that are there already and that steps are about, those that an alias leaves too; sorted."""
    found = set()
    for change, step in plan.steps():
        for target, handle in keys_of(step, change.address.target, observed):
            if isinstance(handle, ExistingKey):
                found.add(Place(target, key_id_of(handle)))
    return sorted(found)


def keys_of(step: Step, target: TargetName, observed: ObservedState) -> list[tuple[TargetName, KeyHandle]]:
    """The keys that `step` of a change on `target` is about, and where each is called."""
    match step:
        case CreateKey() | CreateCustomKeyStore() | UpdateCustomKeyStore():
            return []
        case ConnectCustomKeyStore() | DisconnectCustomKeyStore():
            return []
        case ReplicateKey():
            return [(step.at, step.primary)]
        case UpdatePrimary():
            return [(step.at, step.key), *_if_there(step.to, step.key, observed)]
        case ImportMaterial() | EnableRotation() | DisableRotation() | RotateOnDemand():
            return [(target if step.at is None else step.at, step.key)]
        case DeleteAlias():
            return _behind(step.alias, target, observed)
        case UpdateAlias():
            return [(target, step.key), *_behind(step.alias, target, observed)]
        case _:
            return [(target, step.key)]


def is_foreign(key: ObservedKey, account: Account) -> bool:
    """Whether `key` belongs to another account than the one that it is called from."""
    return key.arn.split(":")[4] != account.account_id


def key_id_of(handle: ExistingKey) -> KeyId:
    """The id of a key that may be named by its ARN."""
    return KeyId(handle.key.rpartition("/")[2])


def without_unplayable(plan: Plan, observed: ObservedState) -> tuple[Plan, tuple[LeftOut, ...]]:
    """`plan` with nothing to do where a copy cannot do it, nor where something depends on that; and what that is."""
    reasons = _unplayable(plan, observed)
    kept = tuple(replace(one, steps=()) if one.address in reasons else one for one in plan.changes)
    found = tuple(LeftOut(address, reasons[address]) for address in sorted(reasons))
    return replace(plan, changes=kept), found


def _unplayable(plan: Plan, observed: ObservedState) -> dict[Address, str]:
    reasons: dict[Address, str] = {}
    for change in plan.effective:
        why = next(_obstacles(change, observed), None)
        if why is not None:
            reasons.setdefault(change.address, why)
    while True:
        added = {one.address: why for one in plan.effective if (why := _dependence(one, reasons))}
        if not added:
            return reasons
        reasons |= added


def _obstacles(change: Change, observed: ObservedState) -> Iterator[str]:
    for step in change.steps:
        if isinstance(step, CreateKey | ImportMaterial) and not can_make(step.key_spec):
            yield f"the bundled KMS has no key material of {step.key_spec}"
        for target, handle in keys_of(step, change.address.target, observed):
            if isinstance(handle, ExistingKey) and key_id_of(handle) not in observed.targets[target].keys:
                yield f"key {key_id_of(handle)} could not be read"


def _dependence(change: Change, reasons: Mapping[Address, str]) -> str:
    """Why `change` goes with those that are left out; empty when it does not, or is left out already."""
    if change.address in reasons:
        return ""
    needed = [*change.depends_on, *(address for step in change.steps for address in _planned(step))]
    gone = next((address for address in needed if address in reasons), None)
    return f"it depends on {gone}, which is not rehearsed" if gone else ""


def _planned(step: Step) -> Iterator[Address]:
    handle = step.primary if isinstance(step, ReplicateKey) else getattr(step, "key", None)
    if isinstance(handle, PlannedKey):
        yield handle.address


def _if_there(target: TargetName, key: KeyHandle, observed: ObservedState) -> list[tuple[TargetName, KeyHandle]]:
    """A replica that the plan itself may make."""
    known = observed.targets[target].keys
    return [(target, key)] if isinstance(key, ExistingKey) and key_id_of(key) in known else []


def _behind(alias: AliasName, target: TargetName, observed: ObservedState) -> list[tuple[TargetName, KeyHandle]]:
    found = observed.targets[target].aliases.get(alias)
    return [(target, ExistingKey(found.key_id))] if found and found.key_id else []


def can_make(spec: KeySpec) -> bool:
    """Whether the engine makes key material of `spec`."""
    return SPECS[spec].available
