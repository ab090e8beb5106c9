"""Related keys that a reading has shown to be there and did not read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from reconciler.model.desired import DesiredKey, DesiredState, ExternalPrimary, ManagedKey
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import ObservedKey, ObservedState
from reconciler.model.ownership import Ownership
from reconciler.model.scope import Scope

_Named = Mapping[tuple[TargetName, str], list[ObservedKey]]
"""Multi-Region keys by their target, and by the name that the stack gave them or their ARN."""


def with_unseen_replicas(
    desired: DesiredState, observed: ObservedState, scopes: Mapping[TargetName, Scope]
) -> dict[TargetName, Scope]:
    """The scopes that have to be read again, and what of them more.

    A replica has the key id of its primary. So where one is declared and was not found by its tags, the primary says
    which key it would be: one that is nobody's, or one whose tags the index does not list yet.
    """
    replicas = [key for key in desired.keys if key.primary is not None]
    named = _named(observed, desired.stack) if replicas else {}
    unseen: dict[TargetName, Scope] = {}
    for key in replicas:
        target = key.address.target
        key_id = _shown(key, observed.targets[target].account.region, named)
        if key_id is not None and key_id not in observed.targets[target].keys:
            scope = unseen.get(target, scopes[target])
            unseen[target] = replace(scope, external={**scope.external, key_id: scope.keys[key.address.name]})
    return unseen


def _named(observed: ObservedState, stack: str) -> _Named:
    found: defaultdict[tuple[TargetName, str], list[ObservedKey]] = defaultdict(list)
    for target, seen in observed.targets.items():
        for key in seen.keys.values():
            owner = Ownership.of(key.tags) if key.multi_region else None
            if owner and owner.stack == stack:
                found[target, owner.name].append(key)
            if key.multi_region:
                found[target, key.arn].append(key)
    return found


def _shown(replica: DesiredKey, region: str, named: _Named) -> KeyId | None:
    """The id of the key that is in `region`, by what KMS says of the youngest key that its primary may be."""
    match replica.primary:
        case ManagedKey(address):
            primaries = named.get((address.target, address.name), [])
        case ExternalPrimary(target, reference):
            primaries = named.get((target, reference), [])
        case None:
            return None
        case _:
            assert_never(replica.primary)
    there = (key for key in primaries if key.regions and region in (key.regions.primary, *key.regions.replicas))
    return max(((key.created, key.key_id) for key in there), default=(None, None))[1]
