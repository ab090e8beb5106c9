"""EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand, ListKeyRotations.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.errors import invalid_state, limit_exceeded, unsupported
from reconciler.engine.instants import DAY, MINUTE, to_datetime
from reconciler.engine.keys.imported import EXTERNAL, rotation_may_begin
from reconciler.engine.keys.metadata import expiration, is_symmetric_encryption
from reconciler.engine.keys.regions import must_be_primary, primary_of
from reconciler.engine.keys.rotate import ON_DEMAND, rotate, rotate_to
from reconciler.engine.keys.state import DYING
from reconciler.engine.paging import paged
from reconciler.engine.store.records import HistoricMaterial, Key, RotationSchedule
from reconciler.kit.errors import KmsError
from reconciler.kit.quotas import load

DEFAULT_PERIOD: Final = 365
"""Days between automatic rotations."""
MOST_ON_DEMAND: Final = int(load().resources["on-demand-rotations"].value)
"""On-demand rotations in the life of a key."""
_QUIET: Final = 20 * MINUTE
"""No on-demand rotation so shortly before an automatic one."""


def _enable_key_rotation(call: Call) -> dict[str, Any]:
    key = call.key
    _refuse_other_specs(key)
    _refuse_other_origins(key)
    must_be_primary(key)
    period = call.get("RotationPeriodInDays", key.rotation.period if key.rotation else DEFAULT_PERIOD)
    if key.rotation is None or key.rotation.period != period:
        call.store.keys.schedule_rotation(key, RotationSchedule(period, call.now + period * DAY))
    return {}


def _disable_key_rotation(call: Call) -> dict[str, Any]:
    _refuse_other_specs(call.key)
    _refuse_other_origins(call.key)
    must_be_primary(call.key)
    call.store.keys.schedule_rotation(call.key, None)
    return {}


def _get_key_rotation_status(call: Call) -> dict[str, Any]:
    """Of a key that cannot rotate, its spec being another, AWS says that it does not; tools ask it of every key."""
    key = call.key
    _refuse_other_origins(key)
    schedule = primary_of(call.store, key).rotation
    if schedule is None or key.state in DYING:
        return {"KeyRotationEnabled": False, "KeyId": key.arn}
    return {
        "KeyRotationEnabled": True,
        "KeyId": key.arn,
        "RotationPeriodInDays": schedule.period,
        "NextRotationDate": to_datetime(schedule.due),
    }


def _rotate_key_on_demand(call: Call) -> dict[str, Any]:
    key = call.key
    _refuse_other_specs(key)
    if key.custody is not None:
        _refuse_other_origins(key)
    must_be_primary(key)
    if key.on_demand_rotations >= MOST_ON_DEMAND:
        raise limit_exceeded(
            f"The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be "
            f"performed for this key: {key.arn}"
        )
    if key.rotation is not None and key.rotation.due - call.now <= _QUIET:
        raise KmsError(
            "ConflictException",
            f"An automatic rotation of {key.arn} is in progress or scheduled to begin within the next 20 minutes.",
        )
    if key.origin == EXTERNAL:
        rotate_to(call.store, key, _pending_material(call, key), call.now, ON_DEMAND)
    else:
        rotate(call.store, call.keyring, key, call.now, ON_DEMAND)
    call.store.keys.update(key, {"on_demand_rotations": key.on_demand_rotations + 1})
    return {"KeyId": key.arn}


def _pending_material(call: Call, key: Key) -> str:
    """The imported material to rotate to.

    Raises:
        KmsError: KMSInvalidStateException when there is none, or it is not in all Regions yet.
    """
    pending = call.store.keys.materials.pending(key)
    if pending is None or not rotation_may_begin(call.store, key, pending.material_id):
        raise invalid_state(f"No available key material pending rotation for the key: {key.arn}.")
    return pending.material_id


def _list_key_rotations(call: Call) -> dict[str, Any]:
    key = call.key
    _refuse_other_specs(key)
    rotated_only = call.get("IncludeKeyMaterial") != "ALL_KEY_MATERIAL"
    found, page = paged(
        call,
        lambda after, limit: call.store.keys.materials.history(key, after, limit, rotated_only=rotated_only),
        lambda rotation: rotation.serial,
        start=0,
        default=100,
        most=1000,
    )
    return {"Rotations": [_entry(call, key, rotation) for rotation in found], **page}


def _entry(call: Call, key: Key, rotation: HistoricMaterial) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "KeyId": key.arn,
        "KeyMaterialId": rotation.material_id,
        "KeyMaterialState": _material_state(call, key, rotation),
    }
    if key.origin == EXTERNAL:
        entry["ImportState"] = "IMPORTED" if rotation.present else "PENDING_IMPORT"
        entry |= expiration(rotation.valid_to) if rotation.present else {}
        entry |= {"KeyMaterialDescription": rotation.description} if rotation.description else {}
    if rotation.rotation_type is not None:
        entry["RotationDate"] = to_datetime(rotation.created)
        entry["RotationType"] = rotation.rotation_type
    return entry


def _material_state(call: Call, key: Key, material: HistoricMaterial) -> str:
    if material.pending:
        everywhere = rotation_may_begin(call.store, primary_of(call.store, key), material.material_id)
        return "PENDING_ROTATION" if everywhere else "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    return "CURRENT" if material.material_id == key.material_id else "NON_CURRENT"


def _refuse_other_specs(key: Key) -> None:
    """Refuse, as AWS does, without a word of why."""
    if not is_symmetric_encryption(key):
        raise unsupported("")


def _refuse_other_origins(key: Key) -> None:
    if key.origin != "AWS_KMS":
        raise unsupported(f"{key.arn} origin is {key.origin} which is not valid for this operation.")


OPERATIONS = (
    Operation("EnableKeyRotation", _enable_key_rotation, Access.WRITE),
    Operation("DisableKeyRotation", _disable_key_rotation, Access.WRITE),
    Operation("GetKeyRotationStatus", _get_key_rotation_status, Access.READ),
    Operation("RotateKeyOnDemand", _rotate_key_on_demand, Access.WRITE),
    Operation("ListKeyRotations", _list_key_rotations, Access.READ),
)
