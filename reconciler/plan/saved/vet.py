"""What a plan from a file has to stand up to before it is applied.

A file can be rewritten between review and apply, and its digest with it. So nothing in it is believed that can be seen
on the KMS: its risks are judged again, and a step that the planner would never make of its change is refused: one on a
key that is not the stack's, for instance. What is left to believe is what the manifests asked for; guard the file like
the manifests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError
from typing import assert_never

from reconciler.kit.diagnostics import Position
from reconciler.model.address import KEYS, Kind
from reconciler.model.desired import DesiredKey, DesiredState
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import ObservedState
from reconciler.model.ownership import GrantName, Ownership
from reconciler.plan.access.keyfacts import planned_keys
from reconciler.plan.access.tests import Scene, judged
from reconciler.plan.changes import Action, Change, Plan
from reconciler.plan.decide.view import TargetView, views_of
from reconciler.plan.options import PlanOptions
from reconciler.plan.order import nodes
from reconciler.plan.risk.assess import assess
from reconciler.plan.risk.tests import held_against
from reconciler.plan.saved.fingerprint import label
from reconciler.plan.saved.places import places_in
from reconciler.plan.saved.planfile import SavedPlan
from reconciler.plan.saved.shown import unlike_shown
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import (
    ConnectCustomKeyStore,
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisconnectCustomKeyStore,
    ExistingKey,
    KeyHandle,
    PlannedKey,
    ReplicateKey,
    RevokeGrant,
    Step,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdatePrimary,
    targets_of,
)

_NEEDS_MANIFESTS = frozenset({"alias-to-unusable-key"})
"""Risks that cannot be judged without knowing what is declared."""
_NOWHERE = Position("-")


def contradictions(saved: SavedPlan) -> tuple[str, ...]:
    """What in the file cannot be true of any plan, sorted; found without asking a KMS."""
    plan = saved.plan
    names = plan.accounts.keys()
    found = {
        f"the target {name!r} is not described" for name in names ^ saved.targets.keys() | names ^ saved.scopes.keys()
    }
    found |= {f"it reads the stack {scope.stack!r}" for scope in saved.scopes.values() if scope.stack != plan.stack}
    labels = [(change.address, change.resource_id) for change in plan.changes if change.effective]
    if len(set(labels)) < len(labels):
        found.add("it changes one resource twice")
    for change in plan.effective:
        involved = {target for step in change.steps for target in targets_of(step, change.address.target)}
        if not names >= {change.address.target} | involved | {of.target for of in change.depends_on}:
            found.add(f"{change.address} is on a target that is not described")
        if label(change) not in plan.fingerprints:
            found.add(f"{change.address} has no fingerprint")
    return tuple(sorted(found)) or _cycles(plan)


def _cycles(plan: Plan) -> tuple[str, ...]:
    try:
        nodes(plan)
    except CycleError:
        return ("its changes wait for each other",)
    return ()


def objections(plan: Plan, observed: ObservedState) -> tuple[str, ...]:
    """The steps that no planner makes of their changes on what is `observed`, in the order of the plan."""
    views = _views(plan, observed, PlanOptions())
    made = CreateKey | ReplicateKey
    created = {(step.key, change.address.target) for change, step in plan.steps() if isinstance(step, made)}
    return tuple(
        f"{change.address}: {why}"
        for change, step in plan.steps()
        for why in (
            *_objections(change, step, views[change.address.target], created),
            *unlike_shown(change, step, views[change.address.target]),
        )
    )


def reassessed(plan: Plan, observed: ObservedState, options: PlanOptions) -> Plan:
    """`plan` with the risks that its steps have by what is `observed`, besides those that it admits."""
    views = _views(plan, observed, options)
    changes = (_reassessed(views[change.address.target], change) if change.steps else change for change in plan.changes)
    if not plan.tests:
        return replace(plan, changes=held_against((), changes))
    later = simulate(plan, observed)
    scene = Scene(planned_keys(later, _made(plan)), places_in(plan, later), options.identities)
    failed = judged(plan.tests, scene)
    return replace(plan, changes=held_against(failed, changes))


def _reassessed(view: TargetView, change: Change) -> Change:
    admitted = {(risk.name, risk.level) for risk in change.risks}
    found = assess(view, replace(change, risks=())).risks
    new = [risk for risk in found if risk.name not in _NEEDS_MANIFESTS and (risk.name, risk.level) not in admitted]
    risks = sorted((*change.risks, *new), key=lambda risk: (-risk.level, risk.name, risk.why))
    return replace(change, risks=tuple(risks)) if new else change


def _views(plan: Plan, observed: ObservedState, options: PlanOptions) -> Mapping[TargetName, TargetView]:
    """What planning would look at."""
    return views_of(observed, _made(plan), options)


def _made(plan: Plan) -> DesiredState:
    """As if the keys that `plan` creates were all that is declared."""
    made = (step for _, step in plan.steps() if isinstance(step, CreateKey | ReplicateKey))
    keys = {step.key.address: _declared(step) for step in made}
    return DesiredState(plan.stack, tuple(keys.values()))


def _declared(step: CreateKey | ReplicateKey) -> DesiredKey:
    multi_region = step.multi_region if isinstance(step, CreateKey) else True
    return DesiredKey(step.key.address, _NOWHERE, step.key_spec, step.key_usage, step.origin, multi_region)


_OnStore = CreateCustomKeyStore | UpdateCustomKeyStore | ConnectCustomKeyStore | DisconnectCustomKeyStore
_Created = set[tuple[PlannedKey, TargetName]]


def _objections(change: Change, step: Step, view: TargetView, created: _Created) -> Iterator[str]:
    match step:
        case CreateKey():
            yield from _of_creation(change, step, view)
        case ReplicateKey():
            yield from _of_replication(change, step, view, created)
        case CreateAlias(alias) | UpdateAlias(alias) | DeleteAlias(alias):
            if change.address.kind is not Kind.ALIAS or alias != f"alias/{change.address.name}":
                yield f"it would change {alias}"
            if not isinstance(step, CreateAlias) and alias not in view.observed.aliases:
                yield f"{alias} is not there"
            if not isinstance(step, DeleteAlias):
                yield from _of_handle(step.key, view, created)
        case CreateGrant() | RevokeGrant():
            yield from _of_grant(change, step, view, created)
        case CreateCustomKeyStore() | UpdateCustomKeyStore() | ConnectCustomKeyStore() | DisconnectCustomKeyStore():
            yield from _of_store(change, step)
        case _:
            yield from _of_key(change, step.key, view, created)
            yield from _of_place(step, view)


def _of_store(change: Change, step: _OnStore) -> Iterator[str]:
    if change.address.kind is not Kind.CUSTOM_KEY_STORE or step.name != change.address.name:
        yield "it would change another custom key store"


def _of_grant(change: Change, step: CreateGrant | RevokeGrant, view: TargetView, created: _Created) -> Iterator[str]:
    match step:
        case CreateGrant(key, name):
            if change.address.kind is not Kind.GRANT or not _is_ours(name, change, view):
                yield "it would make a grant of another name"
            yield from _of_handle(key, view, created)
        case RevokeGrant(key, grant_id):
            ours = view.own_grants.get(change.address.name, ()) if change.address.kind is Kind.GRANT else ()
            if (key, grant_id) not in {(ExistingKey(grant.key_id), grant.grant_id) for grant in ours}:
                yield f"it would revoke the grant {grant_id}, which is another's"
        case _:
            assert_never(step)


def _of_place(step: Step, view: TargetView) -> Iterator[str]:
    """Where a step on a key takes effect."""
    at, handle = targets_of(step, view.target)[0], getattr(step, "key", None)
    if at != view.target and isinstance(handle, ExistingKey) and view.views[at].key_of(handle.key) is None:
        yield f"it would be made where key {handle.key} is not"
    if isinstance(step, UpdatePrimary) and step.region != view.views[step.to].observed.account.region:
        yield f"it would move a primary to {step.region}, which is another Region than it says"


def _is_ours(grant: str, change: Change, view: TargetView) -> bool:
    name = GrantName.of(grant)
    return name is not None and (name.stack, name.name) == (view.stack, change.address.name)


def _of_replication(change: Change, step: ReplicateKey, view: TargetView, created: _Created) -> Iterator[str]:
    """A replica decrypts all that its primary does, so whose it is and who may use it has to be what was shown."""
    yield from _of_creation(change, step, view)
    yield from _of_handle(step.primary, view.views[step.at], created, of=_target_of(step.primary, step.at))
    if step.region != view.observed.account.region:
        yield f"it would replicate to {step.region}, which is another Region than its own"


def _target_of(handle: KeyHandle, otherwise: TargetName) -> TargetName:
    return handle.address.target if isinstance(handle, PlannedKey) else otherwise


def _of_creation(change: Change, step: CreateKey | ReplicateKey, view: TargetView) -> Iterator[str]:
    owner = Ownership(view.stack, change.address.name, step.key.generation)
    if step.key.address != change.address or step.owner != owner or not owner.tags().items() <= step.tags.items():
        yield "it would create a key of another name"


def _of_handle(
    handle: KeyHandle, view: TargetView, created: _Created, *, of: TargetName | None = None
) -> Iterator[str]:
    match handle:
        case ExistingKey(key):
            if view.key_of(key) is None:
                yield f"key {key} was not found"
        case PlannedKey():
            if (handle, view.target if of is None else of) not in created:
                yield f"{handle.address} is not created by it"
        case _:
            assert_never(handle)


def _of_key(change: Change, handle: KeyHandle, view: TargetView, created: _Created) -> Iterator[str]:
    """A key is changed under its own name alone: that of its tags, or the one that it is adopted under."""
    if isinstance(handle, PlannedKey):
        yield from _of_handle(handle, view, created)
        if handle.address != change.address:
            yield f"it would change {handle.address}"
        return
    key = view.observed.keys.get(KeyId(handle.key))
    if key is None:
        yield f"key {handle.key} was not found"
        return
    owner = Ownership.of(key.tags)
    named = change.address.kind in KEYS and owner and (owner.stack, owner.name) == (view.stack, change.address.name)
    adopted = change.action is Action.ADOPT and owner is None and view.owns(key) and not key.aws_managed
    if not (named or adopted):
        yield f"key {handle.key} is not its key"
