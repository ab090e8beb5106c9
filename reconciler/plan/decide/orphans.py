"""Keys of this stack that no manifest declares: shown in every plan, acted on only when pruning is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address
from reconciler.model.identifiers import Days
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import TAG_PREFIX, marked_deletion
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.decide.related import moved_by, place_of, primary_region
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import ExistingKey, ScheduleDeletion, UntagKey


def plan_orphans(view: TargetView) -> Iterator[Change]:
    """A change for every key of a name that is not declared on this target."""
    declared = {key.address.name for key in view.keys}
    for name, lineage in sorted(view.lineages.items()):
        if name not in declared:
            for key in lineage.all():
                change = _orphan(view, view.key_address(name), key)
                yield replace(change, depends_on=_waits_for(view, name)) if change.steps else change


def is_given_up(view: TargetView, key: ObservedKey) -> bool:
    """Whether the plan schedules the deletion of `key` because no manifest declares it, or it is scheduled already."""
    name = view.names.get(key.key_id)
    if key.pending_deletion or name is None or name in view.declared_keys:
        return key.pending_deletion
    return _orphan(view, view.key_address(name), key).action is Action.SCHEDULE_DELETION


def _waits_for(view: TargetView, name: str) -> tuple[Address, ...]:
    """What goes after a related key: its primary, which KMS keeps until its replicas are gone.

    Of a primary, nothing, but what makes another key the primary first.
    """
    key = view.lineage(name).current
    if key is None or not key.multi_region:
        return ()
    if not key.is_replica:
        mover = moved_by(view, key)
        return (mover,) if mover else ()
    place = place_of(view, primary_region(view, key))
    there = view.views[place] if place is not None else None
    holder = there.names.get(key.key_id) if there else None
    return (there.key_address(holder),) if there and holder else ()


def _orphan(view: TargetView, address: Address, key: ObservedKey) -> Change:
    deletion = marked_deletion(key.tags)
    if key.pending_deletion:
        date = f" on {key.deletion_date:%Y-%m-%d}" if key.deletion_date else ""
        return Change(
            address,
            Action.NO_OP,
            Reason.PENDING_DELETION,
            resource_id=key.key_id,
            detail=f"it will be deleted{date}",
        )
    if deletion.protect and view.options.prune:
        action = Action.BLOCKED if view.options.destroy else Action.ORPHAN
        return Change(
            address,
            action,
            Reason.PROTECTED,
            resource_id=key.key_id,
            detail="it is protected: declare it with `deletion.protect: false`, apply, and try again",
        )
    if not view.options.prune:
        wish = "keep the key" if deletion.policy == "Retain" else f"schedule its deletion in {deletion.window} days"
        return Change(
            address,
            Action.ORPHAN,
            Reason.NOT_DECLARED,
            resource_id=key.key_id,
            detail=f"no manifest declares it; --prune would {wish}",
        )
    if key.key_id in view.referred:
        return Change(
            address,
            Action.ORPHAN,
            Reason.NOT_DECLARED,
            resource_id=key.key_id,
            detail=f"no manifest declares it, but {view.referred[key.key_id]} is on it: it is left alone",
        )
    reason = Reason.DESTROY_ASKED if view.options.destroy else Reason.PRUNE_ASKED
    if deletion.policy == "Retain":
        return _disown(address, key, reason)
    return Change(
        address,
        Action.SCHEDULE_DELETION,
        reason,
        fields=(FieldChange("state", str(key.state), _scheduled(key, deletion.window)),),
        steps=(ScheduleDeletion(ExistingKey(key.key_id), deletion.window),),
        resource_id=key.key_id,
    )


def _scheduled(key: ObservedKey, window: Days) -> str:
    """The state that scheduling leads to: the time of a primary begins to run when its replicas are gone."""
    if key.regions is not None and key.regions.replicas and not key.is_replica:
        return f"PendingReplicaDeletion ({window} days after its replicas)"
    return f"PendingDeletion ({window} days)"


def _disown(address: Address, key: ObservedKey, reason: Reason) -> Change:
    tag_keys = tuple(sorted(tag for tag in key.tags if tag.startswith(TAG_PREFIX)))
    return Change(
        address,
        Action.DISOWN,
        reason,
        fields=tuple(FieldChange(f"tags[{tag}]", key.tags[tag], ABSENT) for tag in tag_keys),
        steps=(UntagKey(ExistingKey(key.key_id), tag_keys),),
        resource_id=key.key_id,
        detail="the key and its aliases stay; kmsctl forgets them",
    )
