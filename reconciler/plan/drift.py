"""Where the KMS no longer is as the manifests say, told as a state of affairs and not as something to be done.

It is worked out from a plan: whatever a plan would change is what has drifted. Beside it are shown the grants on our
keys that others made, and the keys that are nobody's.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from reconciler.kit.absent import ABSENT, Absent
from reconciler.kit.diagnostics import Position
from reconciler.model.address import KEYS, Address, Kind
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import Account, ObservedGrant, ObservedKey, ObservedState, ObservedTarget
from reconciler.model.ownership import GrantName, Ownership
from reconciler.plan.changes import Action, Change, FieldChange, Plan, Reason
from reconciler.plan.compare.material import SOURCE
from reconciler.plan.decide.aliases import NOT_THERE_YET
from reconciler.policy.principals import is_service

_OF_PLANS = frozenset({"generation", "ageDays", SOURCE})
"""Fields by which a plan explains a successor or an import; nobody changed them on the real key."""


class DriftKind(enum.StrEnum):
    """How a resource differs from its manifest."""

    CHANGED = "changed"
    """Declared and there, with other fields."""
    MISSING = "missing"
    """Declared, and not there or not ours yet."""
    ORPHANED = "orphaned"
    """A key of the stack that no manifest declares."""
    UNDECLARED = "undeclared"
    """An alias or a grant on a key of the stack that no manifest declares."""
    PENDING_DELETION = "pending-deletion"
    """A key of the stack whose deletion is scheduled."""


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """One field: `path` as in the manifest, values as JSON has them, the policy's as JSON texts."""

    path: str
    desired: Any | Absent
    real: Any | Absent
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class DriftEntry:
    """One resource that is not as declared."""

    kind: DriftKind
    address: Address
    """A grant that kmsctl did not make has no name of ours: its grant id stands for it."""
    resource_id: str | None = None
    """Key id, alias name or grant id of what is there."""
    fields: tuple[FieldDrift, ...] = ()
    position: Position | None = None
    detail: str = ""
    """One sentence for people, where the kind does not say it all."""
    expected: bool = False
    """What nobody needs to act on: a grant that an AWS service made, an undeclared key on its way out."""


@dataclass(frozen=True, slots=True)
class InSync:
    """One declared resource that is as its manifest says."""

    address: Address
    resource_id: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class UnmanagedKey:
    """A key that is not of the stack."""

    target: TargetName
    key_id: KeyId
    description: str
    state: KeyState
    stack: str | None
    """The other stack that it belongs to; None when it is nobody's."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Everything that was found, sorted by address, so that the same reading gives the same bytes."""

    stack: str
    accounts: Mapping[TargetName, Account]
    read_at: datetime | None
    """When the reading began; None when there was no target to read."""
    entries: tuple[DriftEntry, ...] = ()
    unmanaged: tuple[UnmanagedKey, ...] = ()
    in_sync: tuple[InSync, ...] = ()
    """The declared resources that are as their manifests say."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=_order)))
        object.__setattr__(self, "unmanaged", tuple(sorted(self.unmanaged, key=lambda k: (k.target, k.key_id))))
        object.__setattr__(self, "in_sync", tuple(sorted(self.in_sync, key=lambda one: one.address)))

    @property
    def found(self) -> bool:
        """Whether something has drifted that somebody should act on."""
        return any(not entry.expected for entry in self.entries)


def drift_of(plan: Plan, observed: ObservedState, desired: DesiredState) -> Drift:
    """The drift that `plan`, made from `observed` and `desired` without pruning, would repair, and what lies beside.

    Unmanaged keys are only found in a reading of everything (`scope_of(everything=True)`), foreign grants only in one
    of every grant.
    """
    instants = [target.read_at for target in observed.targets.values()]
    entries = [entry for change in plan.changes if (entry := _entry(change, observed)) is not None]
    claimed = {change.resource_id for change in plan.changes}
    for name, target in observed.targets.items():
        entries += _foreign_grants(name, target, desired)
    return Drift(
        stack=desired.stack,
        accounts=plan.accounts,
        read_at=min(instants, default=None),
        entries=tuple(entries),
        unmanaged=tuple(
            key
            for name, target in observed.targets.items()
            for key in _unmanaged(name, target, desired.stack)
            if key.key_id not in claimed
        ),
        in_sync=tuple(
            InSync(change.address, change.resource_id, change.position)
            for change in plan.changes
            if change.reason is Reason.IN_SYNC
        ),
    )


def _entry(change: Change, observed: ObservedState) -> DriftEntry | None:
    kind = _kind(change)
    if kind is None:
        return None
    return DriftEntry(
        kind,
        change.address,
        change.resource_id,
        tuple(
            FieldDrift(field.path, _declared(field), field.before, field.sensitive)
            for field in change.fields
            if not field.cosmetic and field.path not in _OF_PLANS
        ),
        change.position,
        _detail(kind, change, observed),
        expected=change.action is Action.NO_OP,
    )


def _declared(field: FieldChange) -> Any | Absent:
    """What is declared: of a key that is not there yet its name, and no word of an apply."""
    return field.after.removesuffix(NOT_THERE_YET) if isinstance(field.after, str) else field.after


def _kind(change: Change) -> DriftKind | None:
    match change.action:
        case Action.NO_OP:
            return DriftKind.PENDING_DELETION if change.reason is Reason.PENDING_DELETION else None
        case Action.CREATE | Action.ADOPT:
            return DriftKind.MISSING
        case Action.UPDATE | Action.REPLACE | Action.DISABLE:
            return DriftKind.CHANGED
        case Action.CANCEL_DELETION:
            return DriftKind.PENDING_DELETION
        case Action.ORPHAN | Action.SCHEDULE_DELETION | Action.DISOWN | Action.DELETE:
            return DriftKind.ORPHANED if change.address.kind in KEYS else DriftKind.UNDECLARED
        case Action.BLOCKED:
            return _blocked(change)
        case _:
            assert_never(change.action)


def _blocked(change: Change) -> DriftKind:
    match change.reason:
        case Reason.ADOPTION_FAILED:
            return DriftKind.MISSING
        case Reason.UNRESOLVED:
            return DriftKind.CHANGED if change.resource_id else DriftKind.MISSING
        case Reason.PROTECTED:
            return DriftKind.ORPHANED
        case _:
            return DriftKind.CHANGED


def _detail(kind: DriftKind, change: Change, observed: ObservedState) -> str:
    match kind:
        case DriftKind.PENDING_DELETION:
            return _deletion(observed.targets[change.address.target].keys.get(KeyId(change.resource_id or "")))
        case DriftKind.MISSING if change.action is Action.ADOPT:
            return "it is there and not adopted yet"
        case DriftKind.CHANGED if change.reason is Reason.ROTATION_DUE:
            return "its manual rotation is due"
        case DriftKind.CHANGED if change.action is Action.REPLACE:
            return "KMS cannot change this: a successor is wanted"
        case _:
            return change.detail


def _deletion(key: ObservedKey | None) -> str:
    if key is None or key.deletion_date is None:
        return "its deletion is scheduled"
    return f"it will be deleted on {key.deletion_date:%Y-%m-%d}"


def _foreign_grants(name: TargetName, target: ObservedTarget, desired: DesiredState) -> Iterator[DriftEntry]:
    declared = {key.address.name: key.address for key in desired.keys if key.address.target == name}
    for key in target.keys.values():
        owner = Ownership.of(key.tags)
        if owner and owner.stack == desired.stack:
            kind = Kind.REPLICA_KEY if key.is_replica else Kind.KEY
            address = declared.get(owner.name) or Address(kind, owner.name, name)
            for grant in key.grants or ():
                made = GrantName.of(grant.name)
                if made is None or made.stack != desired.stack:
                    yield _foreign_grant(address, grant)


def _foreign_grant(of: Address, grant: ObservedGrant) -> DriftEntry:
    grantee = grant.terms.grantee_principal or grant.terms.grantee_service or ""
    service = is_service(grantee)
    whose = "an AWS service has it for its own work" if service else "kmsctl did not make it"
    return DriftEntry(
        DriftKind.UNDECLARED,
        Address(Kind.GRANT, grant.grant_id, of.target),
        grant.grant_id,
        (
            FieldDrift("key", ABSENT, grant.key_id),
            FieldDrift("grantee", ABSENT, grantee),
            FieldDrift("operations", ABSENT, sorted(grant.terms.operations)),
        ),
        detail=f"a grant on {of}; {whose}",
        expected=service,
    )


def _unmanaged(name: TargetName, target: ObservedTarget, stack: str) -> Iterator[UnmanagedKey]:
    for key in target.keys.values():
        owner = Ownership.of(key.tags)
        if not key.aws_managed and (owner is None or owner.stack != stack):
            whose = owner.stack if owner else None
            yield UnmanagedKey(name, key.key_id, key.description, key.state, whose)


def _order(entry: DriftEntry) -> tuple[Address, str]:
    return entry.address, entry.resource_id or ""
