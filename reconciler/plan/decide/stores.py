"""What happens to custom key stores: created, connected, and changed while they are disconnected.

A store has no tags: it is ours when it is declared, by its name. One that is declared no longer is left as it is, like
the keys in it. A change of most settings takes the store, and its keys, out of service for a while.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html and API_ConnectCustomKeyStore.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address
from reconciler.model.desired import DesiredKey
from reconciler.model.stores import (
    CREDENTIAL_ID,
    SECRET,
    TRUST_ANCHOR,
    Connection,
    DesiredStore,
    ObservedStore,
    origin_of,
)
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import (
    ConnectCustomKeyStore,
    CreateCustomKeyStore,
    DisconnectCustomKeyStore,
    Step,
    UpdateCustomKeyStore,
)

_ON: Final = frozenset({Connection.CONNECTED, Connection.CONNECTING})
_OFF: Final = frozenset({Connection.DISCONNECTED, Connection.DISCONNECTING})
_WHILE_CONNECTED: Final = frozenset({CREDENTIAL_ID, "xksProxy.uriPath"})
"""Settings that KMS changes while the store is connected."""
_CREDENTIALS: Final = frozenset({"INVALID_CREDENTIALS", "XKS_PROXY_ACCESS_DENIED"})
"""Errors of a connection that another password or credential may mend."""


def plan_stores(view: TargetView) -> Iterator[Change]:
    """A change for every declared store."""
    for desired in view.stores:
        observed = view.observed.stores.get(desired.name)
        yield _create(desired) if observed is None else _existing(desired, observed)


def store_hindrance(view: TargetView, desired: DesiredKey) -> str:
    """Why no key can be created in the store that `desired` names, once the plan is carried out; empty when it can."""
    store = next((store for store in view.stores if store.address == desired.store), None)
    if store is None:
        return ""
    if not store.connected:
        return f"{store.address} is not to be connected, and KMS creates keys in connected stores alone"
    observed = view.observed.stores.get(store.name)
    if observed and observed.connection is Connection.CONNECTING and not _existing(store, observed).steps:
        return f"{store.address} is still connecting, and KMS creates keys in connected stores alone: plan again soon"
    return ""


def after_store(desired: DesiredKey, change: Change, stores: Mapping[Address, Change]) -> Change:
    """`change`, which waits for that of its store; if that disconnects in the end, it waits for the key."""
    store = stores.get(desired.store) if desired.store else None
    if store is None or not store.steps or not change.steps:
        return change
    return replace(change, depends_on=(*change.depends_on, store.address))


def _create(desired: DesiredStore) -> Change:
    shown = {"type": str(origin_of(desired.backing)), **desired.backing.settings}
    fields = [_field(name, None, value) for name, value in shown.items()]
    steps: list[Step] = [CreateCustomKeyStore(desired.name, desired.backing)]
    if desired.connected:
        steps.append(ConnectCustomKeyStore(desired.name))
    fields.append(FieldChange("connected", ABSENT, desired.connected))
    return Change(desired.address, Action.CREATE, Reason.MISSING, fields=tuple(fields), steps=tuple(steps))


def _existing(desired: DesiredStore, observed: ObservedStore) -> Change:
    fixed = tuple(_immutable(desired, observed))
    if fixed:
        why = "KMS cannot change this: declare a store of another name, and new keys in it"
        blocked = Change(desired.address, Action.BLOCKED, Reason.IMMUTABLE_FIELD, fields=fixed, detail=why)
        return replace(blocked, resource_id=observed.store_id)
    wanted, there = desired.backing.settings, observed.settings
    differing = tuple(name for name in wanted if wanted[name] != there.get(name))
    fields = [_field(name, there.get(name), wanted[name]) for name in differing]
    steps = _steps(desired, observed, differing)
    if _told(observed) is not desired.connected:
        fields.append(FieldChange("connected", _told(observed), desired.connected))
    if not steps:
        return Change(desired.address, Action.NO_OP, Reason.IN_SYNC, resource_id=observed.store_id)
    changed = Change(desired.address, Action.UPDATE, Reason.DIFFERS, fields=tuple(fields), steps=steps)
    return replace(changed, resource_id=observed.store_id)


def _immutable(desired: DesiredStore, observed: ObservedStore) -> Iterator[FieldChange]:
    origin = origin_of(desired.backing)
    if origin is not observed.origin:
        yield FieldChange("type", str(observed.origin), str(origin))
        return
    wanted, there = desired.backing.settings.get(TRUST_ANCHOR), observed.settings.get(TRUST_ANCHOR)
    if wanted is not None and there is not None and wanted != there:
        yield FieldChange(TRUST_ANCHOR, there, wanted)


def _steps(desired: DesiredStore, observed: ObservedStore, differing: tuple[str, ...]) -> tuple[Step, ...]:
    """Disconnect what must be disconnected for the change, change it, and end as it is declared."""
    name, on = desired.name, observed.connection in _ON
    changed = differing
    if desired.connected and observed.error in _CREDENTIALS and CREDENTIAL_ID not in changed:
        changed = (*changed, SECRET)
    at_once = observed.connection is Connection.CONNECTED and _WHILE_CONNECTED.issuperset(changed)
    steps: list[Step] = []
    closes = not desired.connected or observed.connection is Connection.FAILED or (changed and not at_once)
    if closes and observed.connection not in _OFF:
        steps.append(DisconnectCustomKeyStore(name, reconnects=desired.connected or bool(changed)))
        on = False
    if changed:
        steps.append(UpdateCustomKeyStore(name, desired.backing, changed))
    if desired.connected and not on:
        steps.append(ConnectCustomKeyStore(name))
    return tuple(steps)


def _told(observed: ObservedStore) -> bool | str:
    return f"failed: {observed.error}" if observed.connection is Connection.FAILED else observed.connection in _ON


def _field(name: str, before: str | None, after: str) -> FieldChange:
    """The id of a credential is no secret, and nobody's business either."""
    return FieldChange(name, ABSENT if before is None else before, after, sensitive=name == CREDENTIAL_ID)
