"""What KMS accepts: a plan's steps taken one by one in a simulated KMS that refuses what the real one refuses."""

from __future__ import annotations

from random import Random

from reconciler.engine.keys.state import ALLOWED
from reconciler.model.identifiers import TargetName
from reconciler.model.keyspec import KeyState, Origin, capabilities, rotates_by_itself, rotates_on_demand
from reconciler.model.material import AwaitedMaterial, FirstMaterial, KnownMaterial, NewMaterial
from reconciler.model.observed import ObservedKey, ObservedState
from reconciler.model.stores import CREDENTIAL_ID, Connection
from reconciler.plan.changes import Plan
from reconciler.plan.order import Node, nodes
from reconciler.plan.simulate import Worlds
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
    ImportMaterial,
    PutKeyPolicy,
    ReplicateKey,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    Step,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdateDescription,
    UpdatePrimary,
    targets_of,
)
from reconciler.plan.world import World

_OPERATIONS = {
    CancelDeletion: "CancelKeyDeletion",
    CreateAlias: "CreateAlias",
    CreateGrant: "CreateGrant",
    DisableKey: "DisableKey",
    DisableRotation: "DisableKeyRotation",
    EnableKey: "EnableKey",
    EnableRotation: "EnableKeyRotation",
    ImportMaterial: "ImportKeyMaterial",
    PutKeyPolicy: "PutKeyPolicy",
    RevokeGrant: "RevokeGrant",
    RotateOnDemand: "RotateKeyOnDemand",
    ScheduleDeletion: "ScheduleKeyDeletion",
    TagKey: "TagResource",
    UntagKey: "UntagResource",
    UpdateAlias: "UpdateAlias",
    UpdateDescription: "UpdateKeyDescription",
}


class Refused(AssertionError):
    """KMS would answer this step with an error."""


def carry_out(plan: Plan, observed: ObservedState, random: Random) -> ObservedState:
    """The state after the plan's steps, taken in one of the orders that their DAG allows.

    Raises:
        Refused: a step that KMS does not accept in the state that it meets.
    """
    worlds = Worlds.of(observed)
    for node in any_order(nodes(plan), random):
        target = node.id.address.target
        for step in node.steps:
            _check(step, worlds, target)
            worlds.take(step, target)
    return worlds.observed()


def any_order(todo: tuple[Node, ...], random: Random) -> list[Node]:
    """The nodes in a random order in which each comes after those that it waits for."""
    done: set[object] = set()
    ordered: list[Node] = []
    left = list(todo)
    while left:
        node = random.choice([node for node in left if done.issuperset(node.after)])
        left.remove(node)
        done.add(node.id)
        ordered.append(node)
    return ordered


def _check(step: Step, worlds: Worlds, target: TargetName) -> None:
    world = worlds.of_target[targets_of(step, target)[0]]
    match step:
        case CreateKey():
            store = world.stores[step.store] if step.store else None
            _require(store is None or store.connection is Connection.CONNECTED, step, "the store is not connected")
            return
        case CreateCustomKeyStore() | UpdateCustomKeyStore() | ConnectCustomKeyStore() | DisconnectCustomKeyStore():
            _check_store(step, world)
            return
        case ReplicateKey(primary=handle):
            _check_replication(step, world.key(handle), worlds.of_target[target])
            return
        case UpdatePrimary(key):
            _check_move(step, world.key(key), worlds.of_target[step.to])
            return
        case CreateAlias(alias, _) | DeleteAlias(alias) | UpdateAlias(alias, _):
            _require(isinstance(step, CreateAlias) is (alias not in world.aliases), step, "the alias is (not) there")
        case RevokeGrant(key, grant_id):
            grants = world.keys[world.key_id(key)].grants or ()
            _require(any(grant.grant_id == grant_id for grant in grants), step, "no such grant")
        case _:
            pass
    if not isinstance(step, DeleteAlias):
        _check_key(step, world.keys[world.key_id(step.key)], world)


def _check_store(step: Step, world: World) -> None:
    store = world.stores.get(step.name)
    _require((store is None) is isinstance(step, CreateCustomKeyStore), step, "the store is (not) there")
    match step:
        case UpdateCustomKeyStore(changed=changed):
            live = store.connection is Connection.CONNECTED and {*changed} <= {CREDENTIAL_ID, "xksProxy.uriPath"}
            off = store.connection in (Connection.DISCONNECTED, Connection.DISCONNECTING)  # which apply waits for
            _require(live or off, step, f"the store is {store.connection}")
        case ConnectCustomKeyStore():
            _require(store.connection is not Connection.FAILED, step, "disconnect it first")
        case DisconnectCustomKeyStore():
            off = (Connection.DISCONNECTED, Connection.DISCONNECTING)
            _require(store.connection not in off, step, "it is disconnected")
        case _:
            pass


def _check_import(step: ImportMaterial, key: ObservedKey) -> None:
    """What KMS knows of the materials of a symmetric key; of another it knows whether there is one."""
    _require(key.origin is Origin.EXTERNAL, step, "nothing is imported into it")
    held = key.materials
    if held is None:
        _require(isinstance(step.which, FirstMaterial), step, "it has one material for life")
        return
    known = {material.material_id for material in (held.current, held.pending) if material}
    match step.which:
        case NewMaterial():
            _require(held.current is not None and held.pending is None, step, "no place for new material")
            _require(not key.is_replica, step, "new material comes to the primary first")
        case AwaitedMaterial():
            _require(held.pending is not None, step, "its primary has no new material")
        case KnownMaterial(material_id):
            _require(material_id in known, step, "it has no such material")
        case FirstMaterial():
            expected = held.current is None or (key.multi_region and not held.current.imported)
            _require(expected, step, "it has material already: which is meant?")


def _check_replication(step: ReplicateKey, primary: ObservedKey, there: World) -> None:
    _require(primary.state is KeyState.ENABLED, step, f"the primary is {primary.state}")
    _require(primary.multi_region and not primary.is_replica, step, "it is no primary")
    _require(primary.key_id not in there.keys, step, "the Region has one")
    _require(step.region == there.target.account.region, step, "another Region")


def _check_move(step: UpdatePrimary, primary: ObservedKey, there: World) -> None:
    _require(primary.state is KeyState.ENABLED, step, f"the primary is {primary.state}")
    _require(primary.multi_region and not primary.is_replica, step, "it is no primary")
    other = there.keys.get(primary.key_id)
    _require(other is not None and other.state is KeyState.ENABLED, step, f"the replica is {other}")
    _require(step.region == there.target.account.region, step, "another Region")


def _check_key(step: Step, key: ObservedKey, world: World) -> None:
    allowed = ALLOWED.get(_OPERATIONS[type(step)])
    _require(allowed is None or str(key.state) in allowed, step, f"the key is {key.state}")
    match step:
        case UpdateAlias(alias, _):
            target = world.aliases[alias].key_id
            old = world.keys.get(target) if target else None
            _require(old is None or _nature(old) == _nature(key), step, "keys of two types or usages")
        case EnableRotation() | DisableRotation():
            _require(rotates_by_itself(key.key_spec, key.origin), step, "it does not rotate")
            _require(not key.is_replica, step, "rotation is the primary's")
        case ImportMaterial():
            _check_import(step, key)
        case RotateOnDemand():
            held = key.materials
            _require(held is None or held.pending is not None, step, "there is no material to rotate to")
            _require(held is None or not held.awaited, step, "a related key lacks the new material")
            _require(rotates_on_demand(key.key_spec, key.origin), step, "it does not rotate on demand")
            _require(not key.is_replica, step, "rotation is the primary's")
        case _:
            pass


def _nature(key: ObservedKey) -> object:
    return capabilities(key.key_spec).family, key.key_usage


def _require(accepted: bool, step: Step, why: str) -> None:
    if not accepted:
        raise Refused(f"{step}: {why}")
