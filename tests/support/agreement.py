"""What can be compared of a stack after an apply, simulated or real: all that is declared, with names for ids."""

from __future__ import annotations

from typing import Any

from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import ObservedKey, ObservedState, ObservedTarget
from reconciler.model.ownership import OPERATION_TAG, Ownership
from reconciler.model.scope import Scope, Wanted, scope_of
from tests.support.pools import STACK


def facts(observed: ObservedState, desired: DesiredState, before: ObservedState) -> Any:
    """All that is declared of the keys of the stack, with names for ids; no grants that were not read `before`."""
    return {name: _facts_of(target, desired, before.targets[name], name) for name, target in observed.targets.items()}


def _facts_of(target: ObservedTarget, desired: DesiredState, before: ObservedTarget, name: TargetName) -> Any:
    owned = {key_id: owner for key_id, key in target.keys.items() if (owner := _owner(key))}
    unread = {key.key_id for key in before.keys.values() if key.grants is None}
    here = {key.address.name: key for key in desired.keys if key.address.target == name}
    wanted = scope_of(desired).get(name, Scope(STACK)).keys
    keys = {
        owner: (
            _key_facts(target.keys[key_id], wanted.get(owner.name, Wanted()) if owner.name in here else Wanted()),
            None if key_id in unread else _grants(target.keys[key_id]),
        )
        for key_id, owner in owned.items()
    }
    return keys, {alias.name: owned.get(alias.key_id or KeyId(""), alias.key_id) for alias in target.aliases.values()}


def _owner(key: ObservedKey) -> Ownership | None:
    owner = Ownership.of(key.tags)
    return owner if owner and owner.stack == STACK else None


def _key_facts(key: ObservedKey, wanted: Wanted) -> Any:
    return (
        key.key_spec,
        key.key_usage,
        key.origin,
        key.multi_region,
        key.regions,
        key.state if key.store_id is None else "as its store is",
        key.deletion_date.date() if key.deletion_date else None,
        key.description,
        {tag: value for tag, value in key.tags.items() if tag != OPERATION_TAG},
        key.policy if wanted.policy else None,
        (key.rotation.enabled, key.rotation.period) if wanted.rotation and key.rotation else None,
    )


def _grants(key: ObservedKey) -> Any:
    return sorted((grant.name, grant.terms.digest()) for grant in key.grants or ())
