"""The IAM policy for one plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import ObservedState
from reconciler.model.scope import Scope
from reconciler.plan.changes import Plan
from reconciler.plan.permissions.needs import Need, statements
from reconciler.plan.permissions.place import Place
from reconciler.plan.permissions.reading import asking_for_usage, reading
from reconciler.plan.permissions.steps import step_needs
from reconciler.plan.steps import targets_of


def permissions(
    plan: Plan,
    observed: ObservedState,
    desired: DesiredState,
    scopes: Mapping[TargetName, Scope],
    *,
    apply: bool = True,
) -> dict[str, Any]:
    """An IAM policy document, JSON-shaped, that allows making `plan` again, now and after it is applied.

    `apply`: and to apply it.
    """
    return document(needs_of(plan, observed, desired, scopes, apply=apply))


def needs_of(
    plan: Plan,
    observed: ObservedState,
    desired: DesiredState,
    scopes: Mapping[TargetName, Scope],
    *,
    apply: bool,
) -> Iterator[Need]:
    """What is in that document, one by one; some of it makes some of it needless."""
    places = {name: Place.of(seen, plan.stack) for name, seen in observed.targets.items()}
    yield from asking_for_usage(plan, observed, places)
    for name, scope in scopes.items():
        yield from reading(places[name], scope, tuple(key for key in desired.keys if key.address.target == name))
    for change, step in plan.steps() if apply else ():
        yield from step_needs(tuple(places[name] for name in targets_of(step, change.address.target)), step)


def document(needs: Iterable[Need]) -> dict[str, Any]:
    """An IAM policy document, JSON-shaped, that allows `needs`."""
    return {"Version": "2012-10-17", "Statement": statements(needs)}
