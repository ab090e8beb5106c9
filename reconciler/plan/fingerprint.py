"""What every resource that a plan touches looked like, so that a saved plan is not applied to something else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.kit.canonical import digest
from reconciler.model.address import Kind
from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import Change
from reconciler.plan.resolve import TargetView


def fingerprints(changes: Iterable[Change], views: Mapping[TargetName, TargetView]) -> dict[str, str]:
    """A digest for every change with steps, by address and resource id."""
    return {
        label(change): digest(_facts(change, views[change.address.target])) for change in changes if change.effective
    }


def label(change: Change) -> str:
    """The name of a change's fingerprint."""
    return f"{change.address} {change.resource_id}" if change.resource_id else str(change.address)


def _facts(change: Change, view: TargetView) -> Any:
    match change.address.kind:
        case Kind.KEY:
            key = view.observed.keys.get(KeyId(change.resource_id)) if change.resource_id else None
            lineage = view.lineage(change.address.name)
            return [[k.key_id for k in lineage.all()], _key_facts(key) if key else None]
        case Kind.ALIAS:
            alias = view.observed.aliases.get(AliasName(f"alias/{change.address.name}"))
            return alias.key_id if alias else None
        case Kind.GRANT:
            return [[g.key_id, g.grant_id, g.name] for g in view.own_grants.get(change.address.name, ())]


def _key_facts(key: ObservedKey) -> dict[str, Any]:
    """All that was read of the key. Of its use only whether there was one; grants have fingerprints of their own."""
    facts = {f.name: getattr(key, f.name) for f in dataclasses.fields(key) if f.name not in ("last_use", "grants")}
    rotation = dataclasses.asdict(key.rotation) if key.rotation else None
    return {**facts, "tags": dict(key.tags), "rotation": rotation, "last_use": type(key.last_use).__name__}
