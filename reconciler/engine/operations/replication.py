"""ReplicateKey, UpdatePrimaryRegion.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html and API_UpdatePrimaryRegion.html
"""

from __future__ import annotations

from typing import Any

from reconciler.engine.audit.service import echo
from reconciler.engine.authz import lockout
from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.errors import invalid, not_found, unsupported
from reconciler.engine.keys.imported import EXTERNAL
from reconciler.engine.keys.metadata import key_metadata
from reconciler.engine.keys.policy_text import check_policy
from reconciler.engine.keys.regions import members_of, must_be_primary
from reconciler.engine.keys.state import CREATING, ENABLED, PENDING_IMPORT, UPDATING, check_state
from reconciler.engine.keys.tag_rules import checked_tags
from reconciler.engine.quotas.resources import refuse_more_keys
from reconciler.engine.store.records import Key, NewKey
from reconciler.engine.wire.view import response_view
from reconciler.kit.arn import partition_of
from reconciler.kit.errors import KmsError
from reconciler.policy.default import default_policy


def _prepare_replica(call: Call) -> dict[str, str]:
    policy = call.get("Policy")
    if policy is not None:
        check_policy(policy)
    return checked_tags(call.get("Tags", ()))


def _replicate_key(call: Call) -> dict[str, Any]:
    primary, region = call.key, call.get("ReplicaRegion")
    _must_be_multi_region(primary)
    must_be_primary(primary)
    if partition_of(region) != call.caller.partition:
        raise invalid(f"ReplicaRegion {region} is not in the partition {call.caller.partition}.")
    if call.store.keys.find(primary.account, region, primary.key_id) is not None:
        raise KmsError("AlreadyExistsException", f"{primary.key_id} already exists in the Region {region}.")
    refuse_more_keys(call, region)
    if call.get("Policy") is not None:
        lockout.check(call, call.get("Policy"))
    replica = _insert(call, primary, region)
    call.store.tags.put(replica, call.prepared)
    # The answer is Creating even when nothing is delayed: with AWS no replica is ready at once, nor has it material.
    metadata = key_metadata(call.store, replica) | {"KeyState": CREATING, "Enabled": False}
    metadata.pop("CurrentKeyMaterialId", None)
    tags = [{"TagKey": name, "TagValue": value} for name, value in call.prepared.items()]
    _record_creation(call, replica, metadata, tags)
    answer = {"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy}
    return answer | ({"ReplicaTags": tags} if tags else {})


def _record_creation(call: Call, replica: Key, metadata: dict[str, Any], tags: list[dict[str, str]]) -> None:
    """Keep a CreateKey in the replica's Region, as CloudTrail does.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/ct-replicate-key.html
    """
    parameters = {
        "Description": replica.description,
        "KeySpec": replica.spec,
        "KeyUsage": replica.usage,
        "MultiRegion": True,
        "Origin": replica.origin,
        "Policy": replica.policy,
        "Tags": tags,
    }
    entry = echo(call, "CreateKey", replica, parameters)
    call.store.record(entry._replace(response=response_view("CreateKey", {"KeyMetadata": metadata})))


def _insert(call: Call, primary: Key, region: str) -> Key:
    new = NewKey(
        key_id=primary.key_id,
        spec=primary.spec,
        usage=primary.usage,
        origin=primary.origin,
        description=call.get("Description", ""),
        policy=call.get("Policy") or default_policy(primary.account, call.caller.partition),
        primary_region=primary.region,
    )
    replica = call.store.keys.insert(primary.account, region, new, call.now)
    shared = primary.origin != EXTERNAL
    call.store.keys.materials.copy(primary, replica, present=shared)
    state = ENABLED if shared else PENDING_IMPORT
    return call.store.keys.update(replica, {"material_id": primary.material_id} | _after_a_while(call, CREATING, state))


def _after_a_while(call: Call, meanwhile: str, state: str) -> dict[str, Any]:
    """The columns of a key that is `meanwhile` in that state, for as long as what is written takes to be seen."""
    delay = call.authority.consistency_delay
    return {"state": meanwhile, "settles": call.now + delay} if delay else {"state": state}


def _update_primary_region(call: Call) -> dict[str, Any]:
    old, region = call.key, call.get("PrimaryRegion")
    _must_be_multi_region(old)
    must_be_primary(old)
    if region == old.region:
        raise unsupported(f"{old.arn} is the primary key already.")
    new = call.store.keys.find(old.account, region, old.key_id)
    if new is None:
        raise not_found(f"{old.arn} has no replica key in the Region {region}.")
    check_state(call.name, new)
    for member in members_of(call.store, old):
        call.store.keys.update(member, {"primary_region": region})
    _hand_over(call, old, new)
    for member in (old, new):
        call.store.keys.update(member, _after_a_while(call, UPDATING, ENABLED))
    call.resources = [old.arn]
    call.store.record(echo(call, call.name, new, {"KeyId": new.arn, "PrimaryRegion": region}))
    return {}


def _hand_over(call: Call, old: Key, new: Key) -> None:
    """Give `new` what the row of the primary key holds for all."""
    call.store.keys.schedule_rotation(new, old.rotation)
    call.store.keys.schedule_rotation(old, None)
    call.store.keys.update(new, {"on_demand_rotations": old.on_demand_rotations})
    call.store.keys.update(old, {"on_demand_rotations": 0})


def _must_be_multi_region(key: Key) -> None:
    if key.primary_region is None:
        raise unsupported(f"{key.arn} is not a multi-Region key.")


OPERATIONS = (
    Operation("ReplicateKey", _replicate_key, Access.WRITE, prepare=_prepare_replica),
    Operation("UpdatePrimaryRegion", _update_primary_region, Access.WRITE),
)
