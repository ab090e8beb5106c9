"""KeyMetadata, as CreateKey and DescribeKey give it."""

from __future__ import annotations

from typing import Any

from reconciler.engine.crypto.specs import ALGORITHM_FIELDS, ENCRYPT_DECRYPT, SPECS, SYMMETRIC_DEFAULT
from reconciler.engine.custom_stores.keys import custody_metadata
from reconciler.engine.instants import to_datetime
from reconciler.engine.keys.imported import EXTERNAL
from reconciler.engine.keys.state import ENABLED
from reconciler.engine.store.records import Key
from reconciler.engine.store.store import Store
from reconciler.kit.arn import key_arn, partition_of


def key_metadata(store: Store, key: Key) -> dict[str, Any]:
    """The metadata of `key`; members that do not apply are absent."""
    metadata: dict[str, Any] = {
        "AWSAccountId": key.account,
        "KeyId": key.key_id,
        "Arn": key.arn,
        "CreationDate": to_datetime(key.created),
        "Enabled": key.state == ENABLED,
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "Origin": key.origin,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        ALGORITHM_FIELDS[key.usage]: algorithms(key),
        "MultiRegion": key.primary_region is not None,
    }
    if key.deletion_due is not None:
        metadata["DeletionDate"] = to_datetime(key.deletion_due)
    if key.deletion_window is not None:
        metadata["PendingDeletionWindowInDays"] = key.deletion_window
    if key.primary_region is not None:
        metadata["MultiRegionConfiguration"] = _multi_region(store, key, key.primary_region)
    if key.spec == SYMMETRIC_DEFAULT and key.material_id is not None and key.custody is None:
        metadata["CurrentKeyMaterialId"] = key.material_id
    return metadata | custody_metadata(store, key) | _import_metadata(store, key)


def algorithms(key: Key) -> list[str]:
    """The algorithms that `key` may be used with; symmetric encryption keys have `SYMMETRIC_DEFAULT`."""
    return list(SPECS[key.spec].algorithms[key.usage])


def is_symmetric_encryption(key: Key) -> bool:
    """Whether `key` is what AWS calls a symmetric encryption key."""
    return key.spec == SYMMETRIC_DEFAULT and key.usage == ENCRYPT_DECRYPT


def expiration(valid_to: int | None) -> dict[str, Any]:
    """Whether and when material that is there expires, as KeyMetadata and RotationsListEntry tell it."""
    if valid_to is None:
        return {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    return {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": to_datetime(valid_to)}


def _import_metadata(store: Store, key: Key) -> dict[str, Any]:
    if key.origin != EXTERNAL:
        return {}
    standing = store.keys.materials.standing(key)
    return expiration(standing.valid_to) if standing.present else {}


def _multi_region(store: Store, key: Key, primary: str) -> dict[str, Any]:
    def member(region: str) -> dict[str, str]:
        return {"Arn": key_arn(region, key.account, key.key_id, partition_of(region)), "Region": region}

    replicas = [region for region in store.keys.related_regions(key) if region != primary]
    return {
        "MultiRegionKeyType": "PRIMARY" if key.region == primary else "REPLICA",
        "PrimaryKey": member(primary),
        "ReplicaKeys": [member(region) for region in replicas],
    }
