"""What could go wrong with a change, judged from the plan and what was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from reconciler.kit.absent import ABSENT
from reconciler.model.identifiers import AliasName, KeyId
from reconciler.model.keyspec import KeyState
from reconciler.model.material import LONGEST_VALIDITY, AwaitedMaterial, NewMaterial
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import marked_deletion
from reconciler.model.usage import NeverUsed, UsageUnknown, UsedAt
from reconciler.plan.changes import Change, Risk, RiskLevel
from reconciler.plan.compare.rotation import MAX_ON_DEMAND
from reconciler.plan.compare.state import declared_enabled
from reconciler.plan.decide.aliases import shown
from reconciler.plan.decide.view import TargetView
from reconciler.plan.risk.policy import policy_risks
from reconciler.plan.risk.related import moving, replicas_left
from reconciler.plan.risk.stores import store_risks
from reconciler.plan.risk.users import external_grant, user_risks
from reconciler.plan.steps import (
    CreateAlias,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    DisconnectCustomKeyStore,
    EnableKey,
    ExistingKey,
    ImportMaterial,
    KeyHandle,
    PlannedKey,
    PutKeyPolicy,
    ReplicateKey,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    Step,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdatePrimary,
)


def assess(view: TargetView, change: Change) -> Change:
    """`change` with the risks of its steps."""
    risks = {risk for step in change.steps for risk in _risks(view, change, step)}
    return replace(change, risks=tuple(sorted(risks, key=lambda r: (-r.level, r.name, r.why)))) if risks else change


def _risks(view: TargetView, change: Change, step: Step) -> Iterator[Risk]:
    match step:
        case CreateKey(policy=str() as policy) | ReplicateKey(policy=str() as policy):
            yield from policy_risks(view.observed.account, policy, None)
        case PutKeyPolicy(ExistingKey(key_id), policy):
            key = view.observed.keys[KeyId(key_id)]
            yield from policy_risks(view.observed.account, policy, key.policy)
            yield from user_risks(view, change, key, policy)
        case DisableKey():
            yield from _disables(view, change, step.key)
        case ScheduleDeletion(ExistingKey(key_id), _):
            yield from _stops(view, change, view.observed.keys[KeyId(key_id)], "schedule-deletion")
            yield from replicas_left(view, view.observed.keys[KeyId(key_id)])
        case ImportMaterial():
            yield from _expires(view, step)
        case DisconnectCustomKeyStore() | UpdateCustomKeyStore():
            yield from store_risks(view, step)
        case UpdatePrimary():
            yield moving(step)
        case UpdateAlias() | DeleteAlias():
            yield from _moves(view, change, step)
        case RotateOnDemand(_, rotations_before) if rotations_before >= MAX_ON_DEMAND:
            yield Risk(
                RiskLevel.FORBIDDEN,
                "rotation-limit",
                f"the key was rotated on demand {rotations_before} times, and {MAX_ON_DEMAND} is the most KMS allows",
            )
        case CreateGrant():
            yield from external_grant(view, step)
        case RevokeGrant(_, grant_id):
            yield Risk(RiskLevel.CAUTION, "revokes-grant", f"whoever relies on grant {grant_id} loses access")
        case _:
            pass


def _disables(view: TargetView, change: Change, handle: KeyHandle) -> Iterator[Risk]:
    """Of a key that cannot be used now either, nothing; nor of one that is made now."""
    key = view.observed.keys[KeyId(handle.key)] if isinstance(handle, ExistingKey) else None
    if _was_opened(change, handle):
        yield Risk(RiskLevel.CAUTION, "opens-key", f"key {shown(handle)} is enabled for a moment: KMS asks for that")
    elif key is not None and key.material:
        yield from _stops(view, change, key, "disable")


def _moves(view: TargetView, change: Change, step: UpdateAlias | DeleteAlias) -> Iterator[Risk]:
    alias = step.alias
    if isinstance(step, UpdateAlias):
        yield from _leaves(view, alias, step.key)
        yield from _arrives(view, alias, step.key)
        return
    moved_to = next((s.key for s in change.steps if isinstance(s, CreateAlias)), None)
    yield from _leaves(view, alias, moved_to)
    if moved_to is not None:
        yield from _arrives(view, alias, moved_to)
        yield _gap(alias)


def _expires(view: TargetView, step: ImportMaterial) -> Iterator[Risk]:
    """Of material that KMS is to forget: the key cannot be used then, until the same material is imported again."""
    if step.valid_to is None:
        return
    if step.valid_to > view.observed.read_at + LONGEST_VALIDITY:
        why = f"validTo is {step.valid_to:%Y-%m-%d}, and KMS keeps imported material for 365 days at most"
        yield Risk(RiskLevel.FORBIDDEN, "material-validity", why)
        return
    key = view.key_of(step.key.key) if isinstance(step.key, ExistingKey) else None
    consequence = f"from {step.valid_to:%Y-%m-%d} on it cannot be used, until the same material is imported again"
    sooner = key is not None and key.material and (not key.valid_to or step.valid_to < key.valid_to)
    sooner = sooner and not isinstance(step.which, NewMaterial | AwaitedMaterial)
    risk = _use(view, key, "material-expires-in-use", consequence) if key is not None and sooner else None
    yield risk or Risk(RiskLevel.CAUTION, "material-expires", f"KMS forgets the material: {consequence}")


def _was_opened(change: Change, key: KeyHandle) -> bool:
    """Whether a key is enabled for a moment: disabled now, and disabled in the end."""
    return EnableKey(key) in change.steps


def _stops(view: TargetView, change: Change, key: ObservedKey, verb: str) -> Iterator[Risk]:
    """A key that is to be disabled or deleted: nothing that it encrypted can be read then.

    Both its tag and its manifest can protect it: protection is lifted by an apply of its own.
    """
    declared = view.declared_keys.get(change.address.name)
    if marked_deletion(key.tags).protect or (declared is not None and declared.deletion.protect):
        yield Risk(RiskLevel.FORBIDDEN, "protected-key", f"key {key.key_id} is protected by `deletion.protect: true`")
    yield _use(view, key, "key-in-use", "what it encrypted cannot be read any more") or Risk(
        RiskLevel.CAUTION, f"{verb}-key", f"key {key.key_id} is not known to be in use"
    )


def _use(view: TargetView, key: ObservedKey, name: str, consequence: str) -> Risk | None:
    match key.last_use:
        case UsedAt(at) if view.observed.read_at - at <= view.options.in_use_within:
            return Risk(RiskLevel.DANGER, name, f"key {key.key_id} was last used on {at:%Y-%m-%d}: {consequence}")
        case UsageUnknown(why):
            return Risk(RiskLevel.DANGER, name, f"key {key.key_id} may be in use ({why}): {consequence}")
        case None:
            return Risk(RiskLevel.DANGER, name, f"key {key.key_id} may be in use (not read): {consequence}")
        case UsedAt() | NeverUsed():
            return None
        case _:
            assert_never(key.last_use)


def _leaves(view: TargetView, alias: AliasName, to: KeyHandle | None) -> Iterator[Risk]:
    current = view.observed.aliases[alias].key_id
    key = view.observed.keys.get(current) if current else None
    if current is None or (key is not None and (key.pending_deletion or _succeeds(view, key, to))):
        return
    consequence = f"whoever names it by {alias} gets {'another key' if to else 'an error'}"
    if key is None or key.key_id not in view.names:
        yield Risk(
            RiskLevel.DANGER,
            "alias-takeover",
            f"{alias} points to key {current}, which is not of this stack: {consequence}",
        )
    else:
        risk = _use(view, key, "alias-leaves-key-in-use", consequence)
        if risk is not None:
            yield risk


def _succeeds(view: TargetView, key: ObservedKey, to: KeyHandle | None) -> bool:
    """Whether the alias moves within one name: KMS finds the earlier key for whatever it encrypted."""
    name = view.names.get(key.key_id)
    match to:
        case PlannedKey(address, _):
            return name == address.name
        case ExistingKey(key_id):
            other = view.key_of(key_id)
            return other is not None and name is not None and view.names.get(other.key_id) == name
        case None:
            return False
        case _:
            assert_never(to)


def _arrives(view: TargetView, alias: AliasName, to: KeyHandle) -> Iterator[Risk]:
    why = _unusable(view, to)
    if why:
        yield Risk(RiskLevel.DANGER, "alias-to-unusable-key", f"whoever names a key by {alias} gets an error: {why}")


def _unusable(view: TargetView, handle: KeyHandle) -> str:
    """Why a key cannot be used when the plan is done; empty when it can."""
    key = view.key_of(handle.key) if isinstance(handle, ExistingKey) else None
    name = view.names.get(key.key_id) if key else None
    declared = view.declared_keys.get(handle.address.name if isinstance(handle, PlannedKey) else name or "")
    wanted = declared_enabled(declared) if declared else ABSENT
    if view.lacks_material(handle):
        return f"key {shown(handle)} has no key material yet"
    if wanted is False or (wanted is ABSENT and key and key.state is KeyState.DISABLED):
        return f"key {shown(handle)} is disabled"
    return ""


def _gap(alias: AliasName) -> Risk:
    return Risk(
        RiskLevel.CAUTION,
        "alias-gap",
        f"{alias} cannot move between keys of two types in one call: for a moment it does not exist",
    )
