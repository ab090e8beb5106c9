"""The changes that end what an object stands for. Pure.

Keys go as the planner says. An alias and a grant go by what they are, whether or not their key is declared any more:
the alias where it points to the key that the object named, the grant by the name that the stack gave it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.model.address import KEYS
from reconciler.model.desired import DesiredAlias, DesiredGrant, DesiredState, ManagedKey
from reconciler.model.identifiers import GrantId, KeyId, TargetName
from reconciler.model.observed import ObservedState
from reconciler.model.ownership import GrantName
from reconciler.plan.changes import Action, Change, Plan, Reason
from reconciler.plan.decide.view import TargetView, views_of
from reconciler.plan.options import PlanOptions
from reconciler.plan.risk.assess import assess
from reconciler.plan.steps import DeleteAlias, ExistingKey, RevokeGrant


def parting(plan: Plan, ending: DesiredState, observed: ObservedState) -> Plan:
    """What is left of `plan`, made with pruning and without what is `ending`, and the ends of aliases and grants."""
    views = views_of(observed, ending, PlanOptions(prune=True))
    keys = tuple(change for change in plan.changes if change.address.kind in KEYS)
    return replace(plan, changes=(*keys, *_aliases(ending, views), *_grants(ending, views)))


def _aliases(ending: DesiredState, views: Mapping[TargetName, TargetView]) -> Iterator[Change]:
    for alias in ending.aliases:
        view = views[alias.address.target]
        found = view.observed.aliases.get(alias.name)
        if found is not None and found.key_id and found.key_id == _key_of(view, views, alias):
            change = Change(
                alias.address,
                Action.DELETE,
                Reason.PRUNE_ASKED,
                steps=(DeleteAlias(alias.name),),
                resource_id=alias.name,
            )
            yield assess(view, change)


def _grants(ending: DesiredState, views: Mapping[TargetName, TargetView]) -> Iterator[Change]:
    for grant in ending.grants:
        view = views[grant.address.target]
        for found in _named(view, ending.stack, grant):
            change = Change(
                grant.address,
                Action.DELETE,
                Reason.PRUNE_ASKED,
                steps=(RevokeGrant(ExistingKey(found[0]), found[1]),),
                resource_id=found[1],
            )
            yield assess(view, change)


def _named(view: TargetView, stack: str, grant: DesiredGrant) -> Iterator[tuple[KeyId, GrantId]]:
    for key in view.observed.keys.values():
        for one in key.grants or ():
            made = GrantName.of(one.name)
            if made is not None and (made.stack, made.name) == (stack, grant.address.name):
                yield key.key_id, one.grant_id


def _key_of(view: TargetView, views: Mapping[TargetName, TargetView], alias: DesiredAlias) -> KeyId | None:
    if isinstance(alias.key, ManagedKey):
        current = views[alias.key.address.target].lineage(alias.key.address.name).current
        return current.key_id if current else None
    key = view.external(alias.key.key)
    return key.key_id if key else None
