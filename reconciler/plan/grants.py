"""What happens to grants. A grant cannot be changed: a new one is made, then the old one is revoked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredGrant, GrantTerms, ManagedKey
from reconciler.model.observed import ObservedGrant, ObservedKey
from reconciler.model.ownership import GrantName, Ownership
from reconciler.plan.aliases import Handles, resolve, waits_for
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.resolve import TargetView
from reconciler.plan.steps import CreateGrant, ExistingKey, KeyHandle, PlannedKey, RevokeGrant, Step


@dataclass(frozen=True, slots=True)
class GrantsToBe:
    """What a key's own change must know of the grants on it."""

    count: int
    """Grants of ours that will be on it: declared, and undeclared ones that are there."""
    creates: bool
    """Whether one is to be created, for which KMS wants the key enabled."""


def grants_to_be(view: TargetView, address: Address, key: ObservedKey | None) -> GrantsToBe:
    """Of the key at `address`; `key` is None when it is to be created."""
    declared = {grant.address.name: grant for grant in view.grants_on.get(address, ())}
    there = (key.grants or ()) if key else ()
    names = {name.name for name in (GrantName.of(grant.name) for grant in there) if name and name.stack == view.stack}
    exact = {grant.name for grant in there}
    creates = any(str(_name(view, grant)) not in exact for grant in declared.values())
    return GrantsToBe(len(names | declared.keys()), creates)


def plan_grants(view: TargetView, handles: Handles) -> Iterator[Change]:
    """A change for every declared grant, and for those of ours that are declared no longer."""
    for desired in view.grants:
        yield _plan_grant(view, desired, handles)
    declared = {grant.address.name for grant in view.grants}
    for name, grants in sorted(view.own_grants.items()):
        if name not in declared:
            for grant in grants:
                yield _undeclared(view, name, grant)


def _plan_grant(view: TargetView, desired: DesiredGrant, handles: Handles) -> Change:
    handle = resolve(view, desired.key, handles)
    if handle is None:
        return Change(
            desired.address,
            Action.BLOCKED,
            Reason.UNRESOLVED,
            detail="the key that it names was not found in this account and Region",
        )
    named = str(_name(view, desired))
    ours = [grant for grant in view.own_grants.get(desired.address.name, ()) if _concerns(view, desired, handle, grant)]
    exact = [grant for grant in ours if _is(grant, handle, named, desired.terms)]
    stale = [grant for grant in ours if grant not in exact]
    if exact and not stale:
        return Change(desired.address, Action.NO_OP, Reason.IN_SYNC, resource_id=exact[0].grant_id)
    before = next(iter(exact or stale), None)
    return Change(
        desired.address,
        Action.UPDATE if before else Action.CREATE,
        Reason.DIFFERS if before else Reason.MISSING,
        fields=_fields(before.terms if before else None, desired.terms),
        steps=_steps(handle, named, desired.terms, stale, exists=bool(exact)),
        depends_on=waits_for(desired.key),
        resource_id=before.grant_id if before else None,
    )


def _steps(
    handle: KeyHandle, named: str, terms: GrantTerms, stale: list[ObservedGrant], *, exists: bool
) -> tuple[Step, ...]:
    """Create, then revoke what it replaces, so that nobody is without.

    A grant that bears the new one's name with other terms (its grantee was deleted, say) goes first: with it there,
    CreateGrant would answer that it exists.
    """
    first = [grant for grant in stale if grant.name == named]
    last = [grant for grant in stale if grant.name != named]
    create: list[Step] = [] if exists else [CreateGrant(handle, named, terms)]
    return (*map(_revoke, first), *create, *map(_revoke, last))


def _revoke(grant: ObservedGrant) -> Step:
    return RevokeGrant(ExistingKey(grant.key_id), grant.grant_id)


def _is(grant: ObservedGrant, handle: KeyHandle, named: str, terms: GrantTerms) -> bool:
    same_key = isinstance(handle, ExistingKey) and handle.key.endswith(grant.key_id)
    return same_key and grant.name == named and grant.terms == terms


def _concerns(view: TargetView, desired: DesiredGrant, handle: KeyHandle, grant: ObservedGrant) -> bool:
    """Grants on superseded keys of the same name stay: what those keys encrypted is still to be read."""
    if not isinstance(desired.key, ManagedKey):
        return True
    lineage = view.lineage(desired.key.address.name)
    older = lineage.all() if isinstance(handle, PlannedKey) else lineage.superseded
    return grant.key_id not in {key.key_id for key in older}


def _name(view: TargetView, desired: DesiredGrant) -> GrantName:
    return GrantName.naming(view.stack, desired.address.name, desired.terms.digest())


def _fields(before: GrantTerms | None, after: GrantTerms) -> tuple[FieldChange, ...]:
    old, new = (_flat(before) if before else {}), _flat(after)
    paths = sorted(old.keys() | new.keys())
    pairs = ((path, old.get(path, ABSENT), new.get(path, ABSENT)) for path in paths)
    return tuple(FieldChange(path, a, b) for path, a, b in pairs if a != b)


def _flat(terms: GrantTerms) -> dict[str, object]:
    constraints = terms.constraints
    values = {
        "granteePrincipal": terms.grantee_principal,
        "granteeServicePrincipal": terms.grantee_service,
        "retiringPrincipal": terms.retiring_principal,
        "retiringServicePrincipal": terms.retiring_service,
        "operations": tuple(sorted(terms.operations)),
        "constraints.encryptionContextEquals": dict(constraints.encryption_context_equals),
        "constraints.encryptionContextSubset": dict(constraints.encryption_context_subset),
        "constraints.sourceArn": constraints.source_arn,
    }
    return {path: value for path, value in values.items() if value}


def _undeclared(view: TargetView, name: str, grant: ObservedGrant) -> Change:
    prune = view.options.prune
    key = view.observed.keys.get(grant.key_id)
    owner = Ownership.of(key.tags) if key else None
    return Change(
        view.address(Kind.GRANT, name),
        Action.DELETE if prune else Action.ORPHAN,
        Reason.PRUNE_ASKED if prune else Reason.NOT_DECLARED,
        fields=tuple(FieldChange(f.path, f.after, ABSENT) for f in _fields(None, grant.terms)),
        steps=(RevokeGrant(ExistingKey(grant.key_id), grant.grant_id),) if prune else (),
        depends_on=(view.address(Kind.KEY, owner.name),) if owner and owner.stack == view.stack else (),
        resource_id=grant.grant_id,
        detail=f"a grant of this stack on key {grant.key_id} that no manifest declares",
    )
