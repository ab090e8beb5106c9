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
from reconciler.plan.decide.creation import creation_fields, replication_steps
from reconciler.plan.decide.granted import grants_to_be
from reconciler.plan.decide.keys import Others, change_of, facets_of, plan_others, verdict_of
from reconciler.plan.decide.primaries import NoPrimary, PrimaryKey, primary_for
from reconciler.plan.decide.succession import Successor, next_owner, succeed
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import ExistingKey, Step, targets_of


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
    if current is None:
        return _first(view, desired, primary)
    if ExistingKey(current.key_id) == primary.handle:
        return _existing(view, desired, current, primary)
    return _of_another(view, desired, current, primary)


def _first(view: TargetView, desired: DesiredKey, primary: PrimaryKey) -> Change:
    there = view.observed.keys.get(KeyId(primary.handle.key)) if isinstance(primary.handle, ExistingKey) else None
    if there is not None:
        return _found(view, desired, there, primary)
    if primary.is_in(view.observed.account.region):
        return _blocked(desired, f"KMS says that a replica of {primary.called} is there, and it cannot be read")
    if primary.hindrance:
        return _blocked(desired, primary.hindrance)
    if primary.waits:
        return Change(desired.address, Action.NO_OP, Reason.UNRESOLVED, position=desired.position, detail=primary.waits)
    steps = _making(view, desired, Ownership(view.stack, desired.address.name, 1), primary)
    return Change(
        desired.address,
        Action.CREATE,
        Reason.MISSING,
        fields=creation_fields(desired),
        steps=steps,
        depends_on=primary.depends_on,
    )


def _existing(view: TargetView, desired: DesiredKey, current: ObservedKey, primary: PrimaryKey) -> Change:
    owner = Ownership.of(current.tags) or Ownership(view.stack, desired.address.name, 1)
    facet = facets_of(view, desired, current, owner, Others(opened=_is_opened(view, primary)))
    return _kept(desired, current, facet, primary, verdict_of(current, facet))


def _is_opened(view: TargetView, primary: PrimaryKey) -> bool:
    """Whether what is planned for the Key needs its related key here enabled: it rotates, or the primary moves."""
    change = primary.change
    return change is not None and any(view.target in targets_of(step, change.address.target) for step in change.steps)


def _of_another(view: TargetView, desired: DesiredKey, current: ObservedKey, primary: PrimaryKey) -> Change:
    """The current replica of the name is of another key: of an earlier one of the primary's name, or of a stranger."""
    lineage = view.lineage(desired.address.name)
    if current.key_id not in primary.earlier:
        field = FieldChange("primary", current.key_id, primary.called)
        why = "KMS cannot change whose replica a key is: give the new replica a name of its own, and the old one stays"
        return Change(
            desired.address,
            Action.BLOCKED,
            Reason.IMMUTABLE_FIELD,
            fields=(field,),
            resource_id=current.key_id,
            detail=why,
        )
    if primary.hindrance:
        return _blocked(desired, primary.hindrance, current)
    if primary.waits:
        waiting = change_of(desired, current, Facet(), Action.NO_OP, Reason.UNRESOLVED)
        return replace(waiting, detail=primary.waits)
    owner = next_owner(view, desired, lineage)
    steps = _making(view, desired, owner, primary)
    change = succeed(view, desired, current, Successor(Reason.PRIMARY_REPLACED, owner, steps))
    return replace(change, depends_on=primary.depends_on)


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
    adopted = Ownership(view.stack, desired.address.name, 1)
    facet = facets_of(view, desired, there, adopted, Others(opened=_is_opened(view, primary)))
    return _kept(desired, there, facet, primary, (Action.ADOPT, Reason.ADOPTION_ASKED))


def _making(view: TargetView, desired: DesiredKey, owner: Ownership, primary: PrimaryKey) -> tuple[Step, ...]:
    grants = grants_to_be(view, desired.address, None).count
    return replication_steps(desired, owner, grants, primary.source(view.observed.account.region))


def _kept(
    desired: DesiredKey, key: ObservedKey, facet: Facet, primary: PrimaryKey, why: tuple[Action, Reason]
) -> Change:
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
