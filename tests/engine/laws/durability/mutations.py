"""Every operation that changes the store, called so that it changes something."""

from __future__ import annotations

from reconciler.engine.call import Access
from reconciler.engine.operations import OPERATIONS
from tests.engine.calls import AWAY, RECIPES
from tests.engine.custom_stores.conftest import cloudhsm

MUTATIONS = sorted(name for name, operation in OPERATIONS.items() if operation.access is Access.WRITE)
FIRST = {
    "CancelKeyDeletion": ["ScheduleKeyDeletion"],
    "DeleteImportedKeyMaterial": ["ImportKeyMaterial"],
    "DisableKeyRotation": ["EnableKeyRotation"],
    "EnableKey": ["DisableKey"],
    "UntagResource": ["TagResource"],
}
"""What must have been done with the key."""
EXTERNAL = {"DeleteImportedKeyMaterial", "ImportKeyMaterial"}
CONNECTED = {"DisconnectCustomKeyStore"}
"""Operations on a store that must be connected."""


def prepared(kms, operation):
    """Parameters with which `operation` succeeds and changes something."""
    if "CustomKeyStore" in operation:
        return _for_store(kms, operation)
    if operation == "CreateKey":
        return {"Description": "new"}
    recipe = RECIPES[operation]
    origin = {"Origin": "EXTERNAL"} if operation in EXTERNAL else {}
    key = kms("CreateKey", recipe.creation | origin)["KeyMetadata"]["Arn"]
    if recipe.replica:
        kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    for first in FIRST.get(operation, ()):
        kms(first, RECIPES[first].build(kms, key))
    return recipe.build(kms, key)


def _for_store(kms, operation):
    stores = kms("DescribeCustomKeyStores", {})["CustomKeyStores"]
    for store in stores:
        named = {"CustomKeyStoreId": store["CustomKeyStoreId"]}
        if store["ConnectionState"] != "DISCONNECTED":
            kms("DisconnectCustomKeyStore", named)
        kms("DeleteCustomKeyStore", named)
    if operation == "CreateCustomKeyStore":
        return cloudhsm()
    named = {"CustomKeyStoreId": kms("CreateCustomKeyStore", cloudhsm())["CustomKeyStoreId"]}
    if operation in CONNECTED:
        kms("ConnectCustomKeyStore", named)
    return named | ({"NewCustomKeyStoreName": "renamed"} if operation == "UpdateCustomKeyStore" else {})
