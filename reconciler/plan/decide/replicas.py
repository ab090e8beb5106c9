"""What happens to each declared replica: made of its primary, kept as declared, and made anew when that is replaced.

A replica has the key id of its primary, so a Region has one of them at most, and which one is meant is never in doubt.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.model.address import Address
from reconciler.model.desired import DesiredKey
from reconciler.model.identifiers import KeyId
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.compare.facet import Facet
from reconciler.plan.compare.material import material_note
from reconciler.plan.decide.creation import creation_fields, replication_steps
from reconciler.plan.decide.granted import grants_to_be
from reconciler.plan.decide.keys import Others, change_of, facets_of, plan_others, verdict_of
from reconciler.plan.decide.primaries import NoPrimary, PrimaryKey, primary_for
from reconciler.plan.decide.succession import Successor, next_owner, succeed
from reconciler.plan.decide.together import material_of_replica, turns
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import ExistingKey, targets_of


def plan_replicas(view: TargetView, keys: Mapping[Address, Change]) -> Iterator[Change]:
    """A change for every declared replica, and for those of earlier primaries.

    `keys` are the changes of the current keys of all declared Keys, on whichever target.
    """
    for desired in view.keys:
        if desired.primary is not None:
            change = _plan_replica(view, desired, primary_for(view, desired, desired.primary, keys))
            yield change
            yield from plan_others(view, desired, succeeded=change.action is Action.REPLACE)


def _plan_replica(view: TargetView, desired: DesiredKey, primary: PrimaryKey | NoPrimary) -> Change:
    current = view.lineage(desired.address.name).current
    if isinstance(primary, NoPrimary):
        return _blocked(desired, primary.why, current, reason=Reason.UNRESOLVED, fields=primary.fields)
    if current is not None and ExistingKey(current.key_id) == primary.handle:
        return _existing(view, desired, current, primary)
    if current is not None and current.key_id not in primary.earlier:
        return _of_another(desired, current, primary)
    there = view.observed.keys.get(KeyId(primary.handle.key)) if isinstance(primary.handle, ExistingKey) else None
    if there is not None:
        return _found(view, desired, there, primary)
    return _missing(view, desired, primary)


def _missing(view: TargetView, desired: DesiredKey, primary: PrimaryKey) -> Change:
    """No replica of the primary is there; of an earlier one, there may be."""
    lineage = view.lineage(desired.address.name)
    current, region = lineage.current, view.observed.account.region
    why = primary.hindrance
    if primary.is_in(region):
        why = f"KMS says that a replica of {primary.called} is there, and it cannot be read"
    if why:
        return _blocked(desired, why, current)
    if primary.waits:
        return _waiting(desired, current, primary.waits)
    owner = next_owner(view, desired, lineage)
    grants = grants_to_be(view, desired.address, None).count
    steps = replication_steps(desired, owner, grants, primary.source(region), view.observed.read_at)
    if current is not None:
        change = succeed(view, desired, current, Successor(Reason.PRIMARY_REPLACED, owner, steps))
    else:
        fields = creation_fields(desired)
        change = Change(desired.address, Action.CREATE, Reason.MISSING, fields=fields, steps=steps)
    return replace(change, depends_on=primary.depends_on)


def _waiting(desired: DesiredKey, current: ObservedKey | None, why: str) -> Change:
    key_id = current.key_id if current else None
    return Change(
        desired.address,
        Action.NO_OP,
        Reason.UNRESOLVED,
        resource_id=key_id,
        position=desired.position,
        detail=why,
    )


def _existing(view: TargetView, desired: DesiredKey, current: ObservedKey, primary: PrimaryKey) -> Change:
    owner = Ownership.of(current.tags) or Ownership(view.stack, desired.address.name, 1)
    facet = facets_of(view, desired, current, owner, _others(view, desired, current, primary))
    note = material_note(desired, current, view.observed.read_at) or (_TURNS if turns(primary.change) else "")
    return replace(_kept(desired, current, facet, primary, verdict_of(current, facet)), detail=note)


_TURNS = "its Key is rotated to new material, once every related key has that"


def _others(view: TargetView, desired: DesiredKey, there: ObservedKey, primary: PrimaryKey) -> Others:
    material = material_of_replica(view, desired, there, primary.change)
    return Others(material, opened=_is_opened(view, primary))


def _is_opened(view: TargetView, primary: PrimaryKey) -> bool:
    """Whether what is planned for the Key needs its related key here enabled: it rotates, or the primary moves."""
    change = primary.change
    return change is not None and any(view.target in targets_of(step, change.address.target) for step in change.steps)


def _of_another(desired: DesiredKey, current: ObservedKey, primary: PrimaryKey) -> Change:
    field = FieldChange("primary", current.key_id, primary.called)
    why = "KMS cannot change whose replica a key is: give the new replica a name of its own, and the old one stays"
    return _blocked(desired, why, current, reason=Reason.IMMUTABLE_FIELD, fields=(field,))


def _found(view: TargetView, desired: DesiredKey, there: ObservedKey, primary: PrimaryKey) -> Change:
    """A related key is in the Region, and it does not bear the name of `desired`."""
    owner = Ownership.of(there.tags)
    if owner is not None:
        whose = f"key {there.key_id} is already {owner.name} of stack {owner.stack} here"
        why = f"{whose}: keep its name, or let it go there first, with `deletion.policy: Retain` and --prune"
        return _blocked(desired, why, there)
    if desired.adopt is None:
        why = f"key {there.key_id} is here already and nobody's: `adopt: true` takes it over"
        return _blocked(desired, why, there)
    adopted = next_owner(view, desired, view.lineage(desired.address.name))
    facet = facets_of(view, desired, there, adopted, _others(view, desired, there, primary))
    return _kept(desired, there, facet, primary, (Action.ADOPT, Reason.ADOPTION_ASKED))


_Verdict = tuple[Action, Reason]


def _kept(desired: DesiredKey, key: ObservedKey, facet: Facet, primary: PrimaryKey, why: _Verdict) -> Change:
    """A change of the replica that is there, ordered with that of its primary: they may open and close each other."""
    return replace(change_of(desired, key, facet, *why), depends_on=primary.depends_on if facet.steps else ())


def _blocked(
    desired: DesiredKey,
    why: str,
    there: ObservedKey | None = None,
    *,
    reason: Reason = Reason.ADOPTION_FAILED,
    fields: tuple[FieldChange, ...] = (),
) -> Change:
    key_id = there.key_id if there else None
    return Change(desired.address, Action.BLOCKED, reason, fields=fields, resource_id=key_id, detail=why)
