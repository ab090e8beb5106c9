"""Desired and observed state compared: `plan` is the heart of kmsctl.

It does no I/O and reads no clock: the same input gives the same plan, in any order and under any hash seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.model.address import Address
from reconciler.model.desired import DesiredKey, DesiredResource, DesiredState
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import ObservedState
from reconciler.plan.access.changed import PUTS_POLICY
from reconciler.plan.access.tests import failures
from reconciler.plan.changes import Change, Cost, Plan
from reconciler.plan.cost import monthly
from reconciler.plan.decide.aliases import plan_aliases
from reconciler.plan.decide.grants import plan_grants
from reconciler.plan.decide.handles import Handles
from reconciler.plan.decide.keys import plan_keys
from reconciler.plan.decide.orphans import plan_orphans
from reconciler.plan.decide.replicas import plan_replicas
from reconciler.plan.decide.stores import plan_stores
from reconciler.plan.decide.view import TargetView, views_of
from reconciler.plan.options import PlanOptions
from reconciler.plan.risk.assess import assess
from reconciler.plan.risk.tests import held_against
from reconciler.plan.risk.usage import keys_asked_for
from reconciler.plan.saved.fingerprint import desired_digest, fingerprints
from reconciler.plan.simulate import simulate


def plan(desired: DesiredState, observed: ObservedState, options: PlanOptions | None = None) -> Plan:
    """What has to be done so that every target in `observed` is as `desired` declares.

    `observed` covers the targets of `desired` (with `scope_of(desired)`), and those where only orphans may be.

    Raises:
        KeyError: a target of `desired` was not observed.
    """
    options = options or PlanOptions()
    views = views_of(observed, desired, options)
    unobserved = set(desired.targets()) - views.keys()
    if unobserved:
        raise KeyError(f"not observed: {sorted(unobserved)}")
    declared = {resource.address: resource for resource in desired.resources()}
    changes = [_placed(change, declared.get(change.address)) for change in _changes(views)]
    unpriced = Plan(
        stack=desired.stack,
        accounts={name: target.account for name, target in sorted(observed.targets.items())},
        desired_digest=desired_digest(desired),
        changes=tuple(changes),
        fingerprints=fingerprints(changes, views),
        tests=desired.tests,
    )
    later = simulate(unpriced, observed) if unpriced.effective else observed
    before = monthly(observed, desired.stack)
    after = monthly(later, desired.stack, since=observed) if unpriced.effective else before
    failed = failures(desired.tests, later, desired, identities=options.identities)
    return replace(unpriced, cost=Cost(before, after), changes=held_against(failed, unpriced.changes))


def _placed(change: Change, declared: DesiredResource | None) -> Change:
    """`change` with the places in the manifests that it comes from."""
    if declared is None:
        return change
    position = change.position or declared.position
    if isinstance(declared, DesiredKey) and any(isinstance(step, PUTS_POLICY) for step in change.steps):
        return replace(change, position=position, statement_positions=declared.statement_positions)
    return change if change.position else replace(change, position=position)


def usage_questions(plan: Plan, observed: ObservedState) -> dict[TargetName, frozenset[KeyId]]:
    """The keys whose last use decides what the guard says, and was not read yet.

    Read it, put it into the observed keys, and plan again.
    """
    asked: dict[TargetName, set[KeyId]] = {}
    for change in plan.changes:
        for key in keys_asked_for(change, observed.targets[change.address.target], plan.stack):
            if key.last_use is None:
                asked.setdefault(change.address.target, set()).add(key.key_id)
    return {target: frozenset(keys) for target, keys in asked.items()}


def _changes(views: Mapping[TargetName, TargetView]) -> Iterator[Change]:
    """Keys of all targets first: replicas of some rest on keys of others."""
    keys = {name: list(plan_keys(view)) for name, view in views.items()}
    current: dict[Address, Change] = {}
    for changes in keys.values():
        for change in changes:
            current.setdefault(change.address, change)  # that of a current key comes before those of earlier ones
    for name, view in views.items():
        yield from (assess(view, change) for change in _of_target(view, keys[name], current))


def _of_target(view: TargetView, keys: list[Change], current: Mapping[Address, Change]) -> Iterator[Change]:
    replicas = list(plan_replicas(view, current))
    handles = Handles.of([*keys, *replicas])
    yield from (*keys, *replicas)
    yield from plan_aliases(view, handles)
    yield from plan_grants(view, handles)
    yield from plan_orphans(view)
    yield from plan_stores(view)
