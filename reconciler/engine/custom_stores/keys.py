"""Keys in custom key stores: what CreateKey and GenerateRandom ask of a store.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html (CustomKeyStoreId, XksKeyId) and
https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html (CustomKeyStoreId).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler.engine.call import Call
from reconciler.engine.crypto.specs import SYMMETRIC_DEFAULT
from reconciler.engine.custom_stores.connection import CONNECTED
from reconciler.engine.custom_stores.rehearsal import ask_external_key
from reconciler.engine.custom_stores.settings import CLOUDHSM, EXTERNAL
from reconciler.engine.errors import invalid, unsupported
from reconciler.engine.store.records import CustomStore, Key, NewKey
from reconciler.engine.store.store import Store
from reconciler.kit.errors import KmsError

CUSTOM_ORIGINS = frozenset({CLOUDHSM, EXTERNAL})
"""The origins of keys in custom key stores, which are called as the types of the stores."""


def check_parameters(call: Call, origin: str, spec: str) -> None:
    """See that the parameters of CreateKey that concern custom key stores go together.

    Raises:
        KmsError: ValidationException, UnsupportedOperationException.
    """
    store_id, xks_key_id = call.get("CustomKeyStoreId"), call.get("XksKeyId")
    if xks_key_id is not None and origin != EXTERNAL:
        raise invalid(f"XksKeyId is not valid for keys with the origin {origin}.")
    if origin not in CUSTOM_ORIGINS:
        if store_id is not None:
            raise invalid(f"CustomKeyStoreId is not valid for keys with the origin {origin}.")
        return
    if store_id is None:
        raise invalid(f"You must specify a CustomKeyStoreId for keys with the origin {origin}.")
    if origin == EXTERNAL and xks_key_id is None:
        raise invalid(f"You must specify an XksKeyId for keys with the origin {origin}.")
    if spec != SYMMETRIC_DEFAULT:
        raise unsupported(f"KeySpec {spec} is not supported in a custom key store.")
    if call.get("MultiRegion"):
        raise unsupported("Multi-Region keys are not supported in a custom key store.")


def placed(call: Call, new: NewKey) -> NewKey:
    """`new` with the custom key store that it is created in, if any.

    Raises:
        KmsError: CustomKeyStoreNotFoundException, CustomKeyStoreInvalidStateException, XksKeyAlreadyInUseException,
            XksKeyNotFoundException, XksKeyInvalidConfigurationException, ValidationException.
    """
    if new.origin not in CUSTOM_ORIGINS:
        return new
    custom = find(call, call.get("CustomKeyStoreId"))
    if custom.kind != new.origin:
        raise invalid(f"The origin {new.origin} is not valid for custom key stores of type {custom.kind}.")
    must_be_connected(custom)
    xks_key_id = call.get("XksKeyId")
    if xks_key_id is not None:
        if call.store.custom_stores.has_external_key(custom, xks_key_id):
            raise KmsError(
                "XksKeyAlreadyInUseException",
                f"The external key {xks_key_id} is already associated with a KMS key in {custom.store_id}.",
            )
        ask_external_key(xks_key_id)
    return replace(new, custom_store=custom.n, xks_key_id=xks_key_id)


def check_random_source(call: Call, store_id: str) -> None:
    """See that the cluster of a custom key store can give random bytes.

    Raises:
        KmsError: CustomKeyStoreNotFoundException, CustomKeyStoreInvalidStateException, UnsupportedOperationException.
    """
    custom = find(call, store_id)
    if custom.kind != CLOUDHSM:
        raise unsupported(f"{store_id} is an external key store, which generates no random bytes.")
    must_be_connected(custom)


def find(call: Call, store_id: str) -> CustomStore:
    """The store with this id in the caller's account and Region.

    Raises:
        KmsError: CustomKeyStoreNotFoundException.
    """
    for custom in call.store.custom_stores.all_of(call.caller.account, call.caller.region):
        if custom.store_id == store_id:
            return custom
    raise KmsError("CustomKeyStoreNotFoundException", f"Custom key store {store_id} does not exist.")


def must_be_connected(custom: CustomStore) -> None:
    """See that `custom` is connected.

    Raises:
        KmsError: CustomKeyStoreInvalidStateException.
    """
    if custom.connection != CONNECTED:
        raise wrong_connection(custom)


def wrong_connection(custom: CustomStore) -> KmsError:
    """The connection state of `custom` does not allow the operation."""
    return KmsError(
        "CustomKeyStoreInvalidStateException",
        f"Custom key store {custom.store_id} is {custom.connection}, which is not valid for this operation.",
    )


def custody_metadata(store: Store, key: Key) -> dict[str, Any]:
    """The members of KeyMetadata that only keys in custom key stores have."""
    if key.custody is None:
        return {}
    custom = store.custom_stores.by_number(key.custody.store)
    if custom.kind == CLOUDHSM:
        return {"CustomKeyStoreId": custom.store_id, "CloudHsmClusterId": custom.settings["CloudHsmClusterId"]}
    return {"CustomKeyStoreId": custom.store_id, "XksKeyConfiguration": {"Id": key.custody.xks_key_id}}
