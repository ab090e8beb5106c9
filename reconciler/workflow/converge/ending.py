"""What is read, and what it is taken for, when keys are to be gone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.model.desired import Deletion, DesiredState
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import Account, ObservedKey, ObservedState
from reconciler.model.ownership import DELETION_TAG, Ownership, deletion_mark
from reconciler.model.scope import Scope, Wanted
from reconciler.workflow.converge.wishes import Batch


def unread_replicas(batch: Batch, observed: ObservedState) -> dict[TargetName, Scope]:
    """The replicas of the keys of `batch`, where it has connections: whether they go, too, decides on their primary.

    Replicas have the key id of their primary. Of those that no connection leads to nothing can be said.
    """
    accounts = {name: connection.account for name, connection in batch.connections.items()}
    wanted: dict[TargetName, dict[str, Wanted]] = {}
    for here, key in _primaries(batch, observed):
        for name, account in accounts.items():
            if _is_replicas(key, observed.targets[here].account, account) and not _is_read(observed, name, key.key_id):
                wanted.setdefault(name, {})[key.key_id] = Wanted()
    return {name: Scope(batch.stack, external=external, others=None) for name, external in wanted.items()}


def _primaries(batch: Batch, observed: ObservedState) -> Iterator[tuple[TargetName, ObservedKey]]:
    names = {wish.document.name for wish in batch.wishes}
    for here, target in observed.targets.items():
        for key in target.keys.values():
            owner = Ownership.of(key.tags)
            if owner and owner.stack == batch.stack and owner.name in names and not key.is_replica and key.regions:
                yield here, key


def _is_replicas(key: ObservedKey, home: Account, account: Account) -> bool:
    same = (account.account_id, account.partition) == (home.account_id, home.partition)
    return same and key.regions is not None and account.region in key.regions.replicas


def _is_read(observed: ObservedState, name: TargetName, key_id: KeyId) -> bool:
    return name in observed.targets and key_id in observed.targets[name].keys


def as_they_say(desired: DesiredState, observed: ObservedState) -> ObservedState:
    """What is to become of a key is what its object says now, and not what the key was marked with before.

    What no object of the batch speaks of stays, however it was marked: nobody ends it now.
    """
    marks = {(key.address.target, key.address.name): deletion_mark(key.deletion) for key in desired.keys}
    return ObservedState(
        {
            target: replace(
                seen, keys={key_id: _marked(key, desired.stack, target, marks) for key_id, key in seen.keys.items()}
            )
            for target, seen in observed.targets.items()
        }
    )


_STAYS = deletion_mark(Deletion())


def _marked(
    key: ObservedKey, stack: str, target: TargetName, marks: Mapping[tuple[TargetName, str], str]
) -> ObservedKey:
    owner = Ownership.of(key.tags)
    if owner is None or owner.stack != stack:
        return key
    return replace(key, tags={**key.tags, DELETION_TAG: marks.get((target, owner.name), _STAYS)})
