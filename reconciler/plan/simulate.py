"""What a plan leads to: the observed state after it, without a single call."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, assert_never

from reconciler.kit.arn import key_arn
from reconciler.model.identifiers import AliasName, GrantId, KeyArn, KeyId
from reconciler.model.keyspec import KeyState, Origin, rotates_by_itself
from reconciler.model.observed import (
    ObservedAlias,
    ObservedGrant,
    ObservedKey,
    ObservedRotation,
    ObservedState,
    ObservedTarget,
)
from reconciler.model.usage import NeverUsed
from reconciler.plan.changes import Plan
from reconciler.plan.order import nodes
from reconciler.plan.steps import (
    CancelDeletion,
    CreateAlias,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    EnableKey,
    EnableRotation,
    ExistingKey,
    KeyHandle,
    PlannedKey,
    PutKeyPolicy,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    Step,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateDescription,
)

_IDS = uuid.UUID("8f2c9a54-8d0a-5f0e-9a5b-0d6f0f6f3c11")
"""The namespace of the ids that simulated keys and grants get."""


def simulate(plan: Plan, observed: ObservedState) -> ObservedState:
    """The state after every step of `plan`, in the plan's own order. Keys and grants get ids made from their names."""
    worlds = {
        name: _World(target, dict(target.keys), dict(target.aliases)) for name, target in observed.targets.items()
    }
    for node in nodes(plan):
        for step in node.steps:
            worlds[node.id.address.target].take(step)
    return ObservedState({name: world.observed() for name, world in worlds.items()})


@dataclass
class _World:
    """One target while its steps are taken."""

    target: ObservedTarget
    keys: dict[KeyId, ObservedKey]
    aliases: dict[AliasName, ObservedAlias]
    created: dict[PlannedKey, KeyId] = field(default_factory=dict)

    def observed(self) -> ObservedTarget:
        return replace(self.target, keys=self.keys, aliases=self.aliases)

    def take(self, step: Step) -> None:
        match step:
            case CreateKey():
                self._create(step)
            case CreateAlias(alias, key) | UpdateAlias(alias, key):
                self.aliases[alias] = ObservedAlias(alias, self._id(key))
            case DeleteAlias(alias):
                del self.aliases[alias]
            case CreateGrant() | RevokeGrant():
                self._grant(step)
            case _:
                self._alter(step)

    def _create(self, step: CreateKey) -> None:
        key_id, account = self._new_id(step.key), self.target.account
        self.created[step.key] = key_id
        can_rotate = rotates_by_itself(step.key_spec, step.origin)
        self.keys[key_id] = ObservedKey(
            key_id=key_id,
            arn=KeyArn(key_arn(account.region, account.account_id, key_id, account.partition)),
            key_spec=step.key_spec,
            key_usage=step.key_usage,
            origin=step.origin,
            state=KeyState.PENDING_IMPORT if step.origin is Origin.EXTERNAL else KeyState.ENABLED,
            created=self.target.read_at,
            description=step.description,
            multi_region=step.multi_region,
            material=step.origin is not Origin.EXTERNAL,
            tags=step.tags,
            policy=step.policy,
            rotation=ObservedRotation(enabled=False, on_demand_rotations=0) if can_rotate else None,
            grants=(),
            last_use=NeverUsed(),
        )

    def _new_id(self, key: PlannedKey) -> KeyId:
        """Of the name, the generation and the keys that had them before: disowned ones may still be there."""
        name = f"{key.address}#{key.generation}"
        while (key_id := KeyId(str(uuid.uuid5(_IDS, name)))) in self.keys:
            name += "'"
        return key_id

    def _id(self, handle: KeyHandle) -> KeyId:
        match handle:
            case ExistingKey(key):
                return KeyId(key.rpartition("/")[2])
            case PlannedKey():
                return self.created[handle]
            case _:
                assert_never(handle)

    def _grant(self, step: CreateGrant | RevokeGrant) -> None:
        key = self.keys[self._id(step.key)]
        grants = key.grants or ()
        match step:
            case CreateGrant(_, name, terms):
                grant_id = GrantId(uuid.uuid5(_IDS, f"{key.key_id}/{name}").hex)
                if not any((grant.name, grant.terms) == (name, terms) for grant in grants):
                    made = ObservedGrant(grant_id, key.key_id, name, terms)
                    grants = tuple(sorted((*grants, made), key=lambda grant: grant.grant_id))
            case RevokeGrant(_, grant_id):
                grants = tuple(grant for grant in grants if grant.grant_id != grant_id)
            case _:
                assert_never(step)
        self.keys[key.key_id] = replace(key, grants=grants)

    def _alter(
        self,
        step: UpdateDescription
        | EnableKey
        | DisableKey
        | PutKeyPolicy
        | TagKey
        | UntagKey
        | EnableRotation
        | DisableRotation
        | RotateOnDemand
        | ScheduleDeletion
        | CancelDeletion,
    ) -> None:
        key = self.keys[self._id(step.key)]
        rotation = key.rotation or ObservedRotation(enabled=False)
        now = self.target.read_at
        changed: dict[str, Any]
        match step:
            case UpdateDescription(_, description):
                changed = {"description": description}
            case EnableKey():
                changed = {"state": KeyState.ENABLED}
            case DisableKey():
                changed = {"state": KeyState.DISABLED}
            case CancelDeletion():
                state = KeyState.DISABLED if key.material else KeyState.PENDING_IMPORT
                changed = {"state": state, "deletion_date": None}
            case PutKeyPolicy(_, policy):
                changed = {"policy": policy}
            case TagKey(_, tags):
                changed = {"tags": {**key.tags, **tags}}
            case UntagKey(_, tag_keys):
                changed = {"tags": {tag: value for tag, value in key.tags.items() if tag not in tag_keys}}
            case EnableRotation(_, period):
                changed = {"rotation": replace(rotation, enabled=True, period=period)}
            case DisableRotation():
                changed = {"rotation": replace(rotation, enabled=False, period=None)}
            case RotateOnDemand(_, rotations_before):
                changed = {"rotation": replace(rotation, on_demand_rotations=rotations_before + 1)}
            case ScheduleDeletion(_, window):
                changed = {"state": KeyState.PENDING_DELETION, "deletion_date": now + timedelta(days=window)}
            case _:
                assert_never(step)
        self.keys[key.key_id] = replace(key, **changed)
