"""What happens to grants. A grant cannot be changed: a new one is made, then the old one is revoked.

A declared grant is on the current key of its name and on the superseded keys that still decrypt, so that whoever may
read what is encrypted today may read what was encrypted before the last rotation, and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredGrant, GrantTerms, ManagedKey
from reconciler.model.identifiers import KeyId
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedGrant
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.decide.aliases import shown, unresolved, without_key
from reconciler.plan.decide.handles import Handles, resolve, waits_for
from reconciler.plan.decide.succession import granted_keys, older
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import CreateGrant, ExistingKey, KeyHandle, PlannedKey, RevokeGrant, Step


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
        return without_key(desired, handles)
    keys = (handle, *_also_on(view, desired, handle))
    ours = _concerned(view, desired, handle, keys)
    named = view.grant_name(desired)
    before = next(iter(sorted(ours, key=lambda g: (not _is_on(g, handle), not _is(g, named, desired.terms)))), None)
    steps = _steps(keys, named, desired.terms, ours)
    hindrance = _hindrance(view, desired, handle) if steps else ""
    if hindrance:
        return unresolved(desired.address, hindrance)
    if steps and view.lacks_material(handle):
        return _waiting(desired, before)
    return Change(
        desired.address,
        *_verdict(before, steps),
        fields=_fields(before, desired.terms, handle) if steps else (),
        steps=steps,
        depends_on=waits_for(view, handle, handles) if steps else (),
        resource_id=before.grant_id if before else None,
        position=desired.position,
        detail=_detail(keys, steps),
    )


def _detail(keys: tuple[KeyHandle, ...], steps: tuple[Step, ...]) -> str:
    behind = [shown(key) for key in keys[1:] if any(isinstance(s, CreateGrant) and s.key == key for s in steps)]
    return f"it is made on earlier keys of the name too: {', '.join(behind)}" if behind else ""


def _waiting(desired: DesiredGrant, before: ObservedGrant | None) -> Change:
    return Change(
        desired.address,
        Action.NO_OP,
        Reason.UNRESOLVED,
        resource_id=before.grant_id if before else None,
        position=desired.position,
        detail="its key has no key material yet, and KMS makes no grants on it before the import: plan again then",
    )


def _verdict(before: ObservedGrant | None, steps: tuple[Step, ...]) -> tuple[Action, Reason]:
    if not steps:
        return Action.NO_OP, Reason.IN_SYNC
    return (Action.UPDATE, Reason.DIFFERS) if before else (Action.CREATE, Reason.MISSING)


def _also_on(view: TargetView, desired: DesiredGrant, handle: KeyHandle) -> tuple[KeyHandle, ...]:
    if not isinstance(desired.key, ManagedKey):
        return ()
    name = desired.key.address.name
    keys = granted_keys(view.declared_keys[name], view.lineage(name), succeeded=isinstance(handle, PlannedKey))
    return tuple(ExistingKey(key.key_id) for key in keys)


def _concerned(
    view: TargetView, desired: DesiredGrant, handle: KeyHandle, keys: tuple[KeyHandle, ...]
) -> list[ObservedGrant]:
    """Grants of the name that are to stay, to change or to go.

    Those on other keys of the same name are left alone: they are twins, disabled, or of another spec or usage.
    """
    ours = view.own_grants.get(desired.address.name, ())
    if not isinstance(desired.key, ManagedKey):
        return list(ours)
    lineage = view.lineage(desired.key.address.name)
    left = {key.key_id for key in (*older(lineage, succeeded=isinstance(handle, PlannedKey)), *lineage.twins)}
    left -= {_key_id(key) for key in keys}
    return [grant for grant in ours if grant.key_id not in left]


def _steps(keys: tuple[KeyHandle, ...], named: str, terms: GrantTerms, ours: list[ObservedGrant]) -> tuple[Step, ...]:
    """Create, then revoke what it replaces, so that nobody is without.

    A grant that bears the new one's name with other terms (its grantee was deleted, say) goes first: with it there,
    CreateGrant would answer that it exists.
    """
    there: set[KeyId] = set()
    first: list[Step] = []
    last: list[Step] = []
    for grant in ours:
        if _is(grant, named, terms) and grant.key_id not in there and any(_is_on(grant, key) for key in keys):
            there.add(grant.key_id)
        else:
            (first if grant.name == named else last).append(RevokeGrant(ExistingKey(grant.key_id), grant.grant_id))
    create = (CreateGrant(key, named, terms) for key in keys if _key_id(key) not in there)
    return (*first, *create, *last)


def _is(grant: ObservedGrant, named: str, terms: GrantTerms) -> bool:
    return grant.name == named and grant.terms == terms


def _is_on(grant: ObservedGrant, key: KeyHandle) -> bool:
    return _key_id(key) == grant.key_id


def _key_id(handle: KeyHandle) -> KeyId | None:
    """None for a key that is not there yet."""
    return KeyId(handle.key.rpartition("/")[2]) if isinstance(handle, ExistingKey) else None


def _hindrance(view: TargetView, desired: DesiredGrant, handle: KeyHandle) -> str:
    """Why there can be no new grant on a key from outside the stack; a declared key is opened for it."""
    key = view.key_of(handle.key) if isinstance(handle, ExistingKey) else None
    if isinstance(desired.key, ManagedKey) or key is None or key.state is KeyState.ENABLED:
        return ""
    return f"KMS makes grants on enabled keys alone, and key {key.key_id} is {key.state}"


def _fields(before: ObservedGrant | None, after: GrantTerms, handle: KeyHandle) -> tuple[FieldChange, ...]:
    old, new = (flat_terms(before.terms) if before else {}), flat_terms(after)
    if before and not _is_on(before, handle):
        old, new = {**old, "key": before.key_id}, {**new, "key": shown(handle)}
    paths = sorted(old.keys() | new.keys())
    pairs = ((path, old.get(path, ABSENT), new.get(path, ABSENT)) for path in paths)
    return tuple(FieldChange(path, a, b) for path, a, b in pairs if a != b)


def flat_terms(terms: GrantTerms) -> dict[str, object]:
    """What a reader is shown of a grant."""
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
    """A grant follows its key: on a key that no manifest declares either, it stays as long as the key does."""
    key = view.observed.keys.get(grant.key_id)
    owner = Ownership.of(key.tags) if key else None
    kept = owner is not None and owner.stack == view.stack and owner.name not in view.declared_keys
    prune = view.options.prune and not kept
    why = "no manifest declares it, nor its key, with which it stays" if kept else "no manifest declares it"
    return Change(
        view.address(Kind.GRANT, name),
        Action.DELETE if prune else Action.ORPHAN,
        Reason.PRUNE_ASKED if prune else Reason.NOT_DECLARED,
        fields=tuple(FieldChange(path, value, ABSENT) for path, value in sorted(flat_terms(grant.terms).items())),
        steps=(RevokeGrant(ExistingKey(grant.key_id), grant.grant_id),) if prune else (),
        depends_on=_owner(view, view.names.get(grant.key_id)) if prune else (),
        resource_id=grant.grant_id,
        detail=f"a grant of this stack on key {grant.key_id}: {why}",
    )


def _owner(view: TargetView, key_name: str | None) -> tuple[Address, ...]:
    return (view.key_address(key_name),) if key_name else ()
