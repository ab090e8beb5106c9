"""What the keys of a name must know of the grants on them, before the grants themselves are planned."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from reconciler.model.address import Address
from reconciler.model.desired import GrantTerms
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import GrantName
from reconciler.plan.decide.view import TargetView


@dataclass(frozen=True, slots=True)
class GrantsToBe:
    """What a key's own change must know of the grants on it."""

    count: int
    """Grants of ours that will be on it: declared, and undeclared ones that are there."""
    creates: bool
    """Whether one is to be created, for which KMS wants the key enabled."""


def grants_to_be(view: TargetView, address: Address, key: ObservedKey | None) -> GrantsToBe:
    """Of the key at `address`; `key` is None when it is to be created."""
    declared = view.grants_on(address, key)
    there = (key.grants or ()) if key else ()
    if not declared and not there:
        return GrantsToBe(0, creates=False)
    ours = (GrantName.of(grant.name) for grant in there)
    names = {name.name for name in ours if name and name.stack == view.stack}
    names.update(wish.address.name for wish in declared)
    exact: defaultdict[str, list[GrantTerms]] = defaultdict(list)
    for grant in there:
        exact[grant.name].append(grant.terms)
    return GrantsToBe(len(names), creates=any(wish.terms not in exact[view.grant_name(wish)] for wish in declared))
