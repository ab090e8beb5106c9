"""CreateKey.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reconciler.engine.authz import lockout
from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.crypto.material import Material, generate
from reconciler.engine.crypto.specs import ENCRYPT_DECRYPT, SPECS, SYMMETRIC_DEFAULT, KeySpec
from reconciler.engine.custom_stores.keys import check_parameters, placed
from reconciler.engine.errors import invalid, unsupported
from reconciler.engine.ids import multi_region_key_id, random_uuid
from reconciler.engine.keys.metadata import key_metadata
from reconciler.engine.keys.policy_text import check_policy
from reconciler.engine.keys.state import ENABLED
from reconciler.engine.keys.tag_rules import checked_tags
from reconciler.engine.quotas.resources import refuse_more_keys
from reconciler.engine.store.records import NewKey
from reconciler.policy.default import default_policy


@dataclass(frozen=True, slots=True)
class _Draft:
    new: NewKey
    tags: dict[str, str]
    material: Material | None = field(repr=False)


def _prepare(call: Call) -> _Draft:
    spec = _spec(call)
    usage = _usage(call, spec)
    origin = _origin(call, spec)
    policy = call.get("Policy")
    if policy is not None:
        check_policy(policy)
    multi_region = bool(call.get("MultiRegion"))
    new = NewKey(
        key_id=multi_region_key_id() if multi_region else random_uuid(),
        spec=spec.name,
        usage=usage,
        origin=origin,
        description=call.get("Description", ""),
        policy=policy or default_policy(call.caller.account, call.caller.partition),
        primary_region=call.caller.region if multi_region else None,
    )
    tags = checked_tags(call.get("Tags", ()))
    return _Draft(new, tags, generate(spec) if origin != "EXTERNAL" else None)


def _create_key(call: Call) -> dict[str, Any]:
    draft: _Draft = call.prepared
    if call.get("Policy") is not None:
        lockout.check(call, draft.new.policy)
    refuse_more_keys(call)
    new = placed(call, draft.new)
    key = call.store.keys.insert(call.caller.account, call.caller.region, new, call.now)
    if draft.material is not None:
        sealed = call.keyring.seal(key, draft.material)
        call.store.keys.materials.add(key, sealed, key.created, None)
        key = call.store.keys.update(key, {"material_id": sealed.material_id, "state": ENABLED})
    call.store.tags.put(key, draft.tags)
    call.involve(key.arn)
    return {"KeyMetadata": key_metadata(call.store, key)}


def _spec(call: Call) -> KeySpec:
    name, old_name = call.get("KeySpec"), call.get("CustomerMasterKeySpec")
    if name is not None and old_name is not None:
        raise invalid(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated."
        )
    return SPECS[name or old_name or SYMMETRIC_DEFAULT]


def _usage(call: Call, spec: KeySpec) -> str:
    usage: str | None = call.get("KeyUsage")
    if usage is None:
        if spec.name != SYMMETRIC_DEFAULT:
            raise invalid("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
        return ENCRYPT_DECRYPT
    if usage not in spec.algorithms:
        raise invalid(f"KeyUsage {usage} is not compatible with KeySpec {spec.name}")
    return usage


def _origin(call: Call, spec: KeySpec) -> str:
    origin: str = call.get("Origin", "AWS_KMS")
    check_parameters(call, origin, spec.name)
    if not spec.available:
        raise unsupported(f"KeySpec {spec.name} is not supported in this Region.")
    return origin


OPERATIONS = (Operation("CreateKey", _create_key, Access.WRITE, keys=(), prepare=_prepare),)
