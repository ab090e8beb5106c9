"""What happens to each declared key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import MAX_WINDOW, DesiredKey, ManualRotation
from reconciler.model.identifiers import Days
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import DELETION_TAG, GRANTS_TAG, Ownership, deletion_mark, most_grants
from reconciler.model.usage import NeverUsed
from reconciler.plan.adoption import CannotAdopt, key_to_adopt
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.compare.description import compare_description
from reconciler.plan.compare.facet import Facet
from reconciler.plan.compare.immutable import compare_immutable
from reconciler.plan.compare.policy import compare_policy
from reconciler.plan.compare.rotation import compare_rotation, rotation_mark
from reconciler.plan.compare.state import compare_state
from reconciler.plan.compare.tags import compare_tags
from reconciler.plan.creation import creation_fields, creation_steps
from reconciler.plan.grants import grants_to_be
from reconciler.plan.resolve import Lineage, TargetView
from reconciler.plan.steps import (
    CreateKey,
    DisableKey,
    DisableRotation,
    EnableRotation,
    ExistingKey,
    KeyHandle,
    RotateOnDemand,
    ScheduleDeletion,
)


def plan_keys(view: TargetView) -> Iterator[Change]:
    """A change for every declared key, and for keys of its name that are no longer the current one."""
    for desired in view.keys:
        lineage = view.lineage(desired.address.name)
        change = _plan_key(view, desired, lineage)
        yield change
        succeeded = change.action is Action.REPLACE
        yield from _superseded(view, desired, lineage, succeeded=succeeded)
        yield from _twins(view, desired, lineage)


def handle_of(change: Change) -> KeyHandle | None:
    """The key that a change of a `Key` leaves current; None when there will be none."""
    if change.action in (Action.CREATE, Action.REPLACE):
        return next(step.key for step in change.steps if isinstance(step, CreateKey))
    return ExistingKey(change.resource_id) if change.resource_id else None


def _plan_key(view: TargetView, desired: DesiredKey, lineage: Lineage) -> Change:
    if lineage.current is not None:
        return _existing(view, desired, lineage.current, lineage.generation)
    if desired.adopt is not None:
        found = key_to_adopt(view, desired.adopt)
        if isinstance(found, CannotAdopt):
            return Change(desired.address, Action.BLOCKED, Reason.ADOPTION_FAILED, detail=found.why)
        return _adopt(view, desired, found)
    owner = Ownership(view.stack, desired.address.name, 1)
    return Change(
        desired.address,
        Action.CREATE,
        Reason.MISSING,
        fields=creation_fields(desired),
        steps=creation_steps(desired, owner, grants_to_be(view, desired.address, None).count),
    )


def _adopt(view: TargetView, desired: DesiredKey, observed: ObservedKey) -> Change:
    immutable = compare_immutable(desired, observed)
    if immutable:
        return Change(
            desired.address,
            Action.BLOCKED,
            Reason.IMMUTABLE_FIELD,
            fields=immutable,
            resource_id=observed.key_id,
            detail="declare the fields as the key to adopt has them",
        )
    change = _existing(view, desired, observed, 1)
    return replace(change, action=Action.ADOPT, reason=Reason.ADOPTION_ASKED)


def _existing(view: TargetView, desired: DesiredKey, observed: ObservedKey, generation: int) -> Change:
    immutable = compare_immutable(desired, observed)
    if immutable:
        return _immutable(view, desired, observed, generation, immutable)
    if _rotation_due(view, desired, observed):
        return _succeed(view, desired, observed, generation, Reason.ROTATION_DUE)
    facet = _facets(view, desired, observed, generation)
    action, reason = _verdict(observed, facet)
    return Change(desired.address, action, reason, fields=facet.fields, steps=facet.steps, resource_id=observed.key_id)


def _verdict(observed: ObservedKey, facet: Facet) -> tuple[Action, Reason]:
    if not facet.steps:
        return Action.NO_OP, Reason.IN_SYNC
    if observed.pending_deletion:
        return Action.CANCEL_DELETION, Reason.PENDING_DELETION
    return Action.UPDATE, Reason.DIFFERS


def _facets(view: TargetView, desired: DesiredKey, observed: ObservedKey, generation: int) -> Facet:
    owner = Ownership(view.stack, desired.address.name, generation)
    rotation = compare_rotation(desired, observed)
    grants = grants_to_be(view, desired.address, observed)
    opened = _needs_enabled(rotation) or grants.creates
    state = compare_state(desired, observed, opened=opened)
    early = Facet(state.fields, tuple(step for step in state.steps if not isinstance(step, DisableKey)))
    late = Facet((), tuple(step for step in state.steps if isinstance(step, DisableKey)))
    own = {**owner.tags(), DELETION_TAG: deletion_mark(desired.deletion)} | rotation_mark(desired, observed)
    most = max(grants.count, most_grants(observed.tags))
    if most:
        own[GRANTS_TAG] = str(most)
    return (
        early
        + compare_description(desired, observed)
        + rotation
        + compare_tags(desired, observed, own)
        + compare_policy(desired, observed, view.observed.account)
        + late
    )


def _needs_enabled(rotation: Facet) -> bool:
    """KMS answers DisabledException to these for a disabled key."""
    return any(isinstance(step, EnableRotation | DisableRotation | RotateOnDemand) for step in rotation.steps)


def _immutable(
    view: TargetView,
    desired: DesiredKey,
    observed: ObservedKey,
    generation: int,
    fields: tuple[FieldChange, ...],
) -> Change:
    if desired.replacement == "NewKey":
        return _succeed(view, desired, observed, generation, Reason.IMMUTABLE_FIELD)
    return Change(
        desired.address,
        Action.BLOCKED,
        Reason.IMMUTABLE_FIELD,
        fields=fields,
        resource_id=observed.key_id,
        detail="KMS cannot change this; `replacement: NewKey` makes a successor and keeps the old key",
    )


def _rotation_due(view: TargetView, desired: DesiredKey, observed: ObservedKey) -> bool:
    if not isinstance(desired.rotation, ManualRotation) or observed.pending_deletion:
        return False
    return (view.observed.read_at - observed.created).days >= desired.rotation.every


def _succeed(view: TargetView, desired: DesiredKey, observed: ObservedKey, generation: int, reason: Reason) -> Change:
    owner = Ownership(view.stack, desired.address.name, generation + 1)
    steps = creation_steps(desired, owner, grants_to_be(view, desired.address, None).count)
    if _keeps(desired) == 0 and observed.state is KeyState.ENABLED:
        steps += (DisableKey(ExistingKey(observed.key_id)),)
    fields = compare_immutable(desired, observed)
    if reason is Reason.ROTATION_DUE:
        age = (view.observed.read_at - observed.created).days
        fields = (FieldChange("ageDays", age, ABSENT),)
    generations = FieldChange("generation", generation, generation + 1)
    return Change(
        desired.address,
        Action.REPLACE,
        reason,
        fields=(*fields, generations),
        steps=steps,
        resource_id=observed.key_id,
        detail=f"a successor is created; key {observed.key_id} stays and still decrypts",
    )


def _keeps(desired: DesiredKey) -> int | None:
    return desired.rotation.keep if isinstance(desired.rotation, ManualRotation) else None


def _superseded(view: TargetView, desired: DesiredKey, lineage: Lineage, *, succeeded: bool) -> Iterator[Change]:
    """Older keys go on under the declared policy; beyond the number to keep they are disabled, never deleted."""
    keep = _keeps(desired)
    for place, key in enumerate(lineage.superseded, start=1 if succeeded else 0):
        if key.pending_deletion:
            continue
        facet = Facet()
        if (key.key_spec, key.key_usage) == (desired.key_spec, desired.key_usage):
            facet += compare_policy(desired, key, view.observed.account)
        if keep is not None and place >= keep and key.state is KeyState.ENABLED:
            disabled = (DisableKey(ExistingKey(key.key_id)),)
            facet += Facet((FieldChange("enabled", before=True, after=False),), disabled)
        if facet.steps:
            disables = any(isinstance(step, DisableKey) for step in facet.steps)
            yield Change(
                desired.address,
                Action.DISABLE if disables else Action.UPDATE,
                Reason.SUPERSEDED,
                fields=facet.fields,
                steps=facet.steps,
                resource_id=key.key_id,
                detail="an earlier key of this name",
            )


def _twins(view: TargetView, desired: DesiredKey, lineage: Lineage) -> Iterator[Change]:
    """Of two keys of one generation the older is meant. The younger goes only if it provably never encrypted."""
    for twin in lineage.twins:
        unused = isinstance(twin.last_use, NeverUsed) and not view.aliases_of.get(twin.key_id)
        steps = (ScheduleDeletion(ExistingKey(twin.key_id), Days(MAX_WINDOW)),)
        yield Change(
            desired.address,
            Action.SCHEDULE_DELETION if unused else Action.ORPHAN,
            Reason.DUPLICATE,
            steps=steps if unused else (),
            resource_id=twin.key_id,
            detail="a second key of this name and generation, "
            + ("never used" if unused else "which may have been used: it is left alone"),
        )
