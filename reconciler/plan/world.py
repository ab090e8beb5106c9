"""One target while the steps of a plan are taken, without a single call."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from reconciler.kit.arn import key_arn
from reconciler.model.identifiers import AliasName, GrantId, KeyArn, KeyId
from reconciler.model.keyspec import KeyState, Origin, rotates_by_itself
from reconciler.model.observed import (
    ObservedAlias,
    ObservedGrant,
    ObservedKey,
    ObservedRotation,
    ObservedTarget,
    Regions,
)
from reconciler.model.stores import Connection, ObservedStore, origin_of
from reconciler.model.usage import NeverUsed
from reconciler.plan.materials import of_new_replica, with_material
from reconciler.plan.steps import (
    CancelDeletion,
    ConnectCustomKeyStore,
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    DisconnectCustomKeyStore,
    EnableKey,
    EnableRotation,
    ExistingKey,
    ImportMaterial,
    KeyHandle,
    PlannedKey,
    PutKeyPolicy,
    ReplicateKey,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdateDescription,
)
from reconciler.policy.default import default_policy

_OnKey = (
    UpdateDescription
    | EnableKey
    | DisableKey
    | PutKeyPolicy
    | TagKey
    | UntagKey
    | ImportMaterial
    | EnableRotation
    | DisableRotation
    | RotateOnDemand
    | ScheduleDeletion
    | CancelDeletion
)
_OnStore = CreateCustomKeyStore | UpdateCustomKeyStore | ConnectCustomKeyStore | DisconnectCustomKeyStore
Local = _OnStore | CreateKey | CreateAlias | UpdateAlias | DeleteAlias | CreateGrant | RevokeGrant | _OnKey
"""Steps that change one target alone."""

_IDS = uuid.UUID("8f2c9a54-8d0a-5f0e-9a5b-0d6f0f6f3c11")
"""The namespace of the ids that simulated keys and grants get."""


@dataclass
class World:
    """One target while steps are taken."""

    target: ObservedTarget
    keys: dict[KeyId, ObservedKey]
    aliases: dict[AliasName, ObservedAlias]
    stores: dict[str, ObservedStore]
    created: dict[PlannedKey, KeyId]
    """Of all targets."""

    def observed(self) -> ObservedTarget:
        """After the last step that was taken."""
        return replace(self.target, keys=self.keys, aliases=self.aliases, stores=self.stores)

    def key(self, handle: KeyHandle) -> ObservedKey:
        """The key that a step names."""
        return self.keys[self.key_id(handle)]

    def add_replica(self, step: ReplicateKey, primary: ObservedKey) -> None:
        """A key with the id and the shared properties of `primary`; its rotation is read from the primary."""
        account, imported = self.target.account, primary.origin is Origin.EXTERNAL
        self.created[step.key] = primary.key_id
        self.keys[primary.key_id] = replace(
            primary,
            arn=KeyArn(key_arn(account.region, account.account_id, primary.key_id, account.partition)),
            state=KeyState.PENDING_IMPORT if imported else KeyState.ENABLED,
            created=self.target.read_at,
            description=step.description,
            material=not imported,
            valid_to=None,
            materials=of_new_replica(primary),
            tags=step.tags,
            policy=step.policy or default_policy(account.account_id, account.partition),
            rotation=None,
            grants=(),
            last_use=NeverUsed(),
        )

    def take(self, step: Local) -> None:
        """Take a step that concerns this target alone."""
        match step:
            case CreateKey():
                self._create(step)
            case CreateAlias(alias, key) | UpdateAlias(alias, key):
                self.aliases[alias] = ObservedAlias(alias, self.key_id(key))
            case DeleteAlias(alias):
                del self.aliases[alias]
            case CreateGrant() | RevokeGrant():
                self._grant(step)
            case CreateCustomKeyStore() | UpdateCustomKeyStore() | ConnectCustomKeyStore() | DisconnectCustomKeyStore():
                self._store(step)
            case _:
                self._alter(step)

    def _store(self, step: _OnStore) -> None:
        """The keys in it are left as they are: only once it is connected does KMS say in which state they are."""
        match step:
            case CreateCustomKeyStore(name, backing):
                origin, store_id = origin_of(backing), f"cks-{uuid.uuid5(_IDS, name).hex[:17]}"
                store = ObservedStore(store_id, name, origin, Connection.DISCONNECTED, settings=backing.settings)
            case UpdateCustomKeyStore(name, backing):
                store = replace(self.stores[name], settings={**self.stores[name].settings, **backing.settings})
            case ConnectCustomKeyStore(name):
                store = replace(self.stores[name], connection=Connection.CONNECTED, error="")
            case DisconnectCustomKeyStore(name):
                store = replace(self.stores[name], connection=Connection.DISCONNECTED, error="")
            case _:
                assert_never(step)
        self.stores[step.name] = store

    def _create(self, step: CreateKey) -> None:
        key_id, account = self._new_id(step), self.target.account
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
            regions=Regions(account.region) if step.multi_region else None,
            material=step.origin is not Origin.EXTERNAL,
            tags=step.tags,
            policy=step.policy or default_policy(account.account_id, account.partition),
            rotation=ObservedRotation(enabled=False, on_demand_rotations=0) if can_rotate else None,
            grants=(),
            last_use=NeverUsed(),
            store_id=self.stores[step.store].store_id if step.store else None,
            xks_key_id=step.xks_key_id,
        )

    def _new_id(self, step: CreateKey) -> KeyId:
        """Of the name, the generation and the keys that had them before: disowned ones may still be there."""
        name = f"{step.key.address}#{step.key.generation}"
        while (key_id := _key_id(uuid.uuid5(_IDS, name), multi_region=step.multi_region)) in self.keys:
            name += "'"
        return key_id

    def key_id(self, handle: KeyHandle) -> KeyId:
        """The id of the key that a step names."""
        match handle:
            case ExistingKey(key):
                return KeyId(key.rpartition("/")[2])
            case PlannedKey():
                return self.created[handle]
            case _:
                assert_never(handle)

    def _grant(self, step: CreateGrant | RevokeGrant) -> None:
        key = self.keys[self.key_id(step.key)]
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

    def _alter(self, step: _OnKey) -> None:
        key = self.keys[self.key_id(step.key)]
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
            case ImportMaterial():
                changed = with_material(key, step)
            case EnableRotation() | DisableRotation() | RotateOnDemand():
                changed = _rotation(key, step)
            case ScheduleDeletion(_, window):
                changed = _awaiting_deletion(key, now + timedelta(days=window))
            case _:
                assert_never(step)
        self.keys[key.key_id] = replace(key, **changed)


def _rotation(key: ObservedKey, step: EnableRotation | DisableRotation | RotateOnDemand) -> dict[str, Any]:
    rotation = key.rotation or ObservedRotation(enabled=False)
    match step:
        case EnableRotation(_, period):
            return {"rotation": replace(rotation, enabled=True, period=period)}
        case DisableRotation():
            return {"rotation": replace(rotation, enabled=False, period=None)}
        case RotateOnDemand(_, rotations_before):
            return {"rotation": replace(rotation, on_demand_rotations=rotations_before + 1)}
        case _:
            assert_never(step)


def _awaiting_deletion(key: ObservedKey, date: datetime) -> dict[str, Any]:
    """A primary waits for its replicas before its time begins to run.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    """
    if key.regions and key.regions.replicas and not key.is_replica:
        return {"state": KeyState.PENDING_REPLICA_DELETION}
    return {"state": KeyState.PENDING_DELETION, "deletion_date": date}


def _key_id(number: uuid.UUID, *, multi_region: bool) -> KeyId:
    return KeyId(f"mrk-{number.hex}" if multi_region else str(number))
