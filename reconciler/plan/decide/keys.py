"""What happens to each declared key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.model.desired import Adoption, DesiredKey
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import DELETION_TAG, GRANTS_TAG, Ownership, deletion_mark, most_grants
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.compare.description import compare_description
from reconciler.plan.compare.facet import SAME, Facet
from reconciler.plan.compare.immutable import compare_immutable
from reconciler.plan.compare.material import material_note
from reconciler.plan.compare.policy import compare_policy
from reconciler.plan.compare.rotation import rotation_mark
from reconciler.plan.compare.state import compare_state, declared_enabled
from reconciler.plan.compare.tags import compare_own_tags, compare_tags
from reconciler.plan.decide.adoption import CannotAdopt, key_to_adopt
from reconciler.plan.decide.creation import creation_fields, creation_steps
from reconciler.plan.decide.granted import grants_to_be
from reconciler.plan.decide.lineage import Lineage
from reconciler.plan.decide.related import Elsewhere, move_primary, must_be_enabled
from reconciler.plan.decide.stores import after_store, plan_stores, store_hindrance
from reconciler.plan.decide.succession import (
    Successor,
    next_owner,
    plan_superseded,
    plan_twins,
    rotation_due,
    succeed,
)
from reconciler.plan.decide.together import turn_of
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import (
    DisableRotation,
    EnableRotation,
    ExistingKey,
    PlannedKey,
    RotateOnDemand,
    Step,
)


def plan_keys(view: TargetView) -> Iterator[Change]:
    """A change for every declared Key, and for keys of its name that are no longer the current one."""
    keys = [desired for desired in view.keys if desired.primary is None]
    stores = {change.address: change for change in plan_stores(view)}
    planned = [
        after_store(desired, _plan_key(view, desired, view.lineage(desired.address.name)), stores) for desired in keys
    ]
    yield from _adopted_once(planned)
    for change, desired in zip(planned, keys, strict=True):
        yield from plan_others(view, desired, succeeded=change.action is Action.REPLACE)


def plan_others(view: TargetView, desired: DesiredKey, *, succeeded: bool) -> Iterator[Change]:
    """Changes of the keys of a name that are not the current one, or that are `succeeded` with it."""
    lineage = view.lineage(desired.address.name)
    yield from plan_superseded(view, desired, lineage, succeeded=succeeded)
    if not succeeded:
        yield from plan_twins(view, desired, lineage)


def _plan_key(view: TargetView, desired: DesiredKey, lineage: Lineage) -> Change:
    if lineage.current is not None:
        return _existing(view, desired, lineage, lineage.current)
    if isinstance(desired.adopt, Adoption):
        found = key_to_adopt(view, desired.adopt)
        if isinstance(found, CannotAdopt):
            return Change(desired.address, Action.BLOCKED, Reason.ADOPTION_FAILED, detail=found.why)
        return _adopt(view, desired, found)
    if why := store_hindrance(view, desired):
        return Change(desired.address, Action.NO_OP, Reason.UNRESOLVED, position=desired.position, detail=why)
    owner = Ownership(view.stack, desired.address.name, 1)
    steps = _creation(view, desired, owner)
    return Change(desired.address, Action.CREATE, Reason.MISSING, fields=creation_fields(desired), steps=steps)


def _creation(view: TargetView, desired: DesiredKey, owner: Ownership) -> tuple[Step, ...]:
    """A new key is made as the primary of its replicas, and gives that up when they are there."""
    grants = grants_to_be(view, desired.address, None).count
    steps = creation_steps(desired, owner, grants, view.observed.read_at)
    moved = move_primary(view, desired, None, PlannedKey(desired.address, owner.generation))
    return steps if isinstance(moved, Elsewhere) else (*steps, *moved.steps)


def _adopt(view: TargetView, desired: DesiredKey, observed: ObservedKey) -> Change:
    """As its first generation; a manual rotation that is due by its age is for the next plan to show."""
    immutable = compare_immutable(desired, observed, view.store_of(desired))
    if immutable:
        return _blocked(desired, observed, immutable, "declare the fields as the key to adopt has them")
    facet = _key_facets(view, desired, observed, 1)
    if isinstance(facet, Elsewhere):
        return unreachable(desired, observed, facet)
    return change_of(desired, observed, facet, Action.ADOPT, Reason.ADOPTION_ASKED)


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
    immutable = compare_immutable(desired, observed, view.store_of(desired))
    if immutable and desired.replacement == "Forbid":
        why = "KMS cannot change this; `replacement: NewKey` makes a successor and keeps the old key"
        return _blocked(desired, observed, immutable, why)
    if immutable or rotation_due(view, desired, observed):
        if why := store_hindrance(view, desired):
            return Change(desired.address, Action.NO_OP, Reason.UNRESOLVED, resource_id=observed.key_id, detail=why)
        reason = Reason.IMMUTABLE_FIELD if immutable else Reason.ROTATION_DUE
        owner = next_owner(view, desired, lineage)
        return succeed(view, desired, observed, Successor(reason, owner, _creation(view, desired, owner), immutable))
    facet = _key_facets(view, desired, observed, lineage.generation)
    if isinstance(facet, Elsewhere):
        return unreachable(desired, observed, facet)
    note = material_note(desired, observed, view.observed.read_at)
    return replace(change_of(desired, observed, facet, *verdict_of(observed, facet)), detail=note)


def _key_facets(view: TargetView, desired: DesiredKey, observed: ObservedKey, generation: int) -> Facet | Elsewhere:
    """Of a Key, which has besides its own the say on what all related keys share: rotation, and who is the primary."""
    turn = turn_of(view, desired, observed)
    if isinstance(turn, Elsewhere):
        return turn
    move = move_primary(view, desired, observed, ExistingKey(observed.key_id))
    if isinstance(move, Elsewhere):
        return move
    opened = (_needs_enabled(turn.rotation) and not observed.is_replica) or must_be_enabled(view, desired, observed)
    owner = Ownership(view.stack, desired.address.name, generation)
    others = Others(turn.material, turn.rotation + move, opened, turn.together)
    return facets_of(view, desired, observed, owner, others)


def verdict_of(observed: ObservedKey, facet: Facet) -> tuple[Action, Reason]:
    """What the differences of a declared key amount to."""
    if not facet.steps:
        return Action.NO_OP, Reason.IN_SYNC
    if observed.pending_deletion:
        return Action.CANCEL_DELETION, Reason.PENDING_DELETION
    return Action.UPDATE, Reason.DIFFERS


@dataclass(frozen=True, slots=True)
class Others:
    """What concerns related keys too, and comes among a key's own facets."""

    material: Facet
    """What is imported into it."""
    shared: Facet = SAME
    opened: bool = False
    """Whether other steps of the plan need the key enabled."""
    together: bool = False
    """Whether the key is rotated when related keys are ready, and its mark says so after that."""


def facets_of(view: TargetView, desired: DesiredKey, observed: ObservedKey, owner: Ownership, others: Others) -> Facet:
    """Of a Key or a ReplicaKey, all that differs."""
    grants = grants_to_be(view, desired.address, observed)
    mark = rotation_mark(desired, observed, view.observed.read_at)
    own = _own_tags(desired, observed, owner, grants.count)
    facet = (
        compare_state(observed, wanted=declared_enabled(desired), opened=others.opened or grants.creates)
        + others.material
        + compare_description(desired, observed)
        + others.shared
        + compare_tags(desired, observed, own if others.together else own | mark)
        + compare_policy(desired, observed, view.observed.account)
    )
    if others.together:
        facet += compare_own_tags(observed, mark, late=True)
    return facet.in_order()


def _own_tags(desired: DesiredKey, observed: ObservedKey, owner: Ownership, grants: int) -> dict[str, str]:
    own = {**owner.tags(), DELETION_TAG: deletion_mark(desired.deletion)}
    most = max(grants, most_grants(observed.tags))
    return own | ({GRANTS_TAG: str(most)} if most else {})


def _needs_enabled(rotation: Facet) -> bool:
    """KMS answers DisabledException to these for a disabled key."""
    return any(isinstance(step, EnableRotation | DisableRotation | RotateOnDemand) for step in rotation.steps)


def unreachable(desired: DesiredKey, observed: ObservedKey, elsewhere: Elsewhere) -> Change:
    """A key whose primary would have to be changed, and is where nobody looks."""
    return Change(desired.address, Action.BLOCKED, Reason.UNRESOLVED, resource_id=observed.key_id, detail=elsewhere.why)


def _blocked(desired: DesiredKey, observed: ObservedKey, fields: tuple[FieldChange, ...], why: str) -> Change:
    return Change(
        desired.address,
        Action.BLOCKED,
        Reason.IMMUTABLE_FIELD,
        fields=fields,
        resource_id=observed.key_id,
        detail=why,
    )


def change_of(desired: DesiredKey, observed: ObservedKey, facet: Facet, action: Action, reason: Reason) -> Change:
    """A change of the key that is there."""
    return Change(
        desired.address,
        action,
        reason,
        fields=facet.fields,
        steps=facet.steps,
        resource_id=observed.key_id,
        position=desired.position,
    )
