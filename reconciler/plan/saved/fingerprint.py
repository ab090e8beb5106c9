"""What every resource that a plan touches looked like, so that a saved plan is not applied to something else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, assert_never

from reconciler.kit.canonical import digest, digest_of_all
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredResource, DesiredState
from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.model.observed import ObservedKey
from reconciler.model.usage import UsedAt
from reconciler.plan.changes import Change
from reconciler.plan.decide.view import TargetView


def desired_digest(desired: DesiredState) -> str:
    """A digest of all that is declared; in which file and line does not matter."""
    return digest_of_all((desired.stack, *map(_declared, desired.resources())))


def _declared(resource: DesiredResource) -> Any:
    kind: Any = type(resource)
    return [getattr(resource, name) for name in _declared_fields(kind)]


@cache
def _declared_fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind) if field.compare and field.name != "position")


def fingerprints(changes: Iterable[Change], views: Mapping[TargetName, TargetView]) -> dict[str, str]:
    """A digest for every change with steps, by address and resource id."""
    return {
        label(change): digest(_facts(change, views[change.address.target], views))
        for change in changes
        if change.effective
    }


def label(change: Change) -> str:
    """The name of a change's fingerprint: its address, and the id where several resources can have that."""
    several = change.address.kind is not Kind.ALIAS and change.resource_id
    return f"{change.address} {change.resource_id}" if several else str(change.address)


def _facts(change: Change, view: TargetView, views: Mapping[TargetName, TargetView]) -> Any:
    """Of the resource itself, and of the keys that it is on and will be on, or is made of."""
    needed = [_lineage_facts(views[address.target], address) for address in change.depends_on]
    match change.address.kind:
        case Kind.CUSTOM_KEY_STORE:
            return view.observed.stores.get(change.address.name)
        case Kind.KEY:
            key = view.observed.keys.get(KeyId(change.resource_id)) if change.resource_id else None
            return [_lineage_facts(view, change.address), _key_facts(view, key)]
        case Kind.REPLICA_KEY:
            key = view.observed.keys.get(KeyId(change.resource_id)) if change.resource_id else None
            return [_lineage_facts(view, change.address), _key_facts(view, key), needed]
        case Kind.ALIAS:
            alias = view.observed.aliases.get(AliasName(f"alias/{change.address.name}"))
            key = view.observed.keys.get(alias.key_id) if alias and alias.key_id else None
            return [alias, _use(view, key), needed]
        case Kind.GRANT:
            return [view.own_grants.get(change.address.name, ()), needed]
        case _:
            assert_never(change.address.kind)


def _lineage_facts(view: TargetView, address: Address) -> Any:
    return [[key.key_id, key.state] for key in view.lineage(address.name).all()]


def _key_facts(view: TargetView, key: ObservedKey | None) -> Any:
    """All that was read of the key, but for its grants, which have fingerprints of their own."""
    if key is None:
        return None
    facts = {f.name: getattr(key, f.name) for f in dataclasses.fields(key) if f.name != "grants"}
    return {**facts, "last_use": _use(view, key)}


def _use(view: TargetView, key: ObservedKey | None) -> Any:
    """How the guard sees the key's last use: the date of a key in use changes all the time, and says nothing new."""
    last_use = key.last_use if key else None
    if isinstance(last_use, UsedAt):
        return ["in use", view.observed.read_at - last_use.at <= view.options.in_use_within]
    return type(last_use).__name__
