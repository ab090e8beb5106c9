"""What happens to each declared key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from reconciler.model.desired import DesiredKey
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import DELETION_TAG, GRANTS_TAG, Ownership, deletion_mark, most_grants
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.compare.description import compare_description
from reconciler.plan.compare.facet import Facet
from reconciler.plan.compare.immutable import compare_immutable
from reconciler.plan.compare.policy import compare_policy
from reconciler.plan.compare.rotation import compare_rotation, rotation_mark
from reconciler.plan.compare.state import compare_state, declared_enabled
from reconciler.plan.compare.tags import compare_tags
from reconciler.plan.decide.adoption import CannotAdopt, key_to_adopt
from reconciler.plan.decide.creation import creation_fields, creation_steps
from reconciler.plan.decide.granted import grants_to_be
from reconciler.plan.decide.succession import plan_superseded, plan_twins, rotation_due, succeed
from reconciler.plan.decide.view import Lineage, TargetView
from reconciler.plan.steps import (
    DisableRotation,
    EnableRotation,
    RotateOnDemand,
)


def plan_keys(view: TargetView) -> Iterator[Change]:
    """A change for every declared key, and for keys of its name that are no longer the current one."""
    changes = [(desired, view.lineage(desired.address.name)) for desired in view.keys]
    planned = [_plan_key(view, desired, lineage) for desired, lineage in changes]
    yield from _adopted_once(planned)
    for change, (desired, lineage) in zip(planned, changes, strict=True):
        succeeded = change.action is Action.REPLACE
        yield from plan_superseded(view, desired, lineage, succeeded=succeeded)
        if not succeeded:
            yield from plan_twins(view, desired, lineage)


def _plan_key(view: TargetView, desired: DesiredKey, lineage: Lineage) -> Change:
    if lineage.current is not None:
        return _existing(view, desired, lineage, lineage.current)
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
    """As its first generation; a manual rotation that is due by its age is for the next plan to show."""
    immutable = compare_immutable(desired, observed)
    if immutable:
        return _blocked(desired, observed, immutable, "declare the fields as the key to adopt has them")
    facet = _facets(view, desired, observed, 1)
    return _change(desired, observed, facet, Action.ADOPT, Reason.ADOPTION_ASKED)


def _adopted_once(changes: list[Change]) -> Iterator[Change]:
    """`changes`, with those blocked that adopt one key under two names."""
    wanted = Counter(change.resource_id for change in changes if change.action is Action.ADOPT)
    for change in changes:
        if change.action is Action.ADOPT and wanted[change.resource_id] > 1:
            why = f"{wanted[change.resource_id]} manifests adopt key {change.resource_id}"
            yield replace(change, action=Action.BLOCKED, reason=Reason.ADOPTION_FAILED, fields=(), steps=(), detail=why)
        else:
            yield change


def _existing(view: TargetView, desired: DesiredKey, lineage: Lineage, observed: ObservedKey) -> Change:
    immutable = compare_immutable(desired, observed)
    if immutable and desired.replacement == "Forbid":
        why = "KMS cannot change this; `replacement: NewKey` makes a successor and keeps the old key"
        return _blocked(desired, observed, immutable, why)
    if immutable:
        return succeed(view, desired, lineage, observed, Reason.IMMUTABLE_FIELD)
    if rotation_due(view, desired, observed):
        return succeed(view, desired, lineage, observed, Reason.ROTATION_DUE)
    facet = _facets(view, desired, observed, lineage.generation)
    return _change(desired, observed, facet, *_verdict(observed, facet))


def _verdict(observed: ObservedKey, facet: Facet) -> tuple[Action, Reason]:
    if not facet.steps:
        return Action.NO_OP, Reason.IN_SYNC
    if observed.pending_deletion:
        return Action.CANCEL_DELETION, Reason.PENDING_DELETION
    return Action.UPDATE, Reason.DIFFERS


def _facets(view: TargetView, desired: DesiredKey, observed: ObservedKey, generation: int) -> Facet:
    rotation = compare_rotation(desired, observed)
    grants = grants_to_be(view, desired.address, observed)
    own = _own_tags(desired, observed, Ownership(view.stack, desired.address.name, generation), grants.count)
    opened = _needs_enabled(rotation) or grants.creates
    state = compare_state(observed, wanted=declared_enabled(desired), opened=opened)
    facet = (
        state
        + compare_description(desired, observed)
        + rotation
        + compare_tags(desired, observed, own)
        + compare_policy(desired, observed, view.observed.account)
    )
    return facet.in_order()


def _own_tags(desired: DesiredKey, observed: ObservedKey, owner: Ownership, grants: int) -> dict[str, str]:
    own = {**owner.tags(), DELETION_TAG: deletion_mark(desired.deletion)} | rotation_mark(desired, observed)
    most = max(grants, most_grants(observed.tags))
    return own | ({GRANTS_TAG: str(most)} if most else {})


def _needs_enabled(rotation: Facet) -> bool:
    """KMS answers DisabledException to these for a disabled key."""
    return any(isinstance(step, EnableRotation | DisableRotation | RotateOnDemand) for step in rotation.steps)


def _blocked(desired: DesiredKey, observed: ObservedKey, fields: tuple[FieldChange, ...], why: str) -> Change:
    return Change(
        desired.address,
        Action.BLOCKED,
        Reason.IMMUTABLE_FIELD,
        fields=fields,
        resource_id=observed.key_id,
        detail=why,
    )


def _change(desired: DesiredKey, observed: ObservedKey, facet: Facet, action: Action, reason: Reason) -> Change:
    return Change(
        desired.address,
        action,
        reason,
        fields=facet.fields,
        steps=facet.steps,
        resource_id=observed.key_id,
        position=desired.position,
    )
