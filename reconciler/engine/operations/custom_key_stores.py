"""Create-, Describe-, Update-, Connect-, Disconnect- and DeleteCustomKeyStore.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-store-overview.html and the API reference.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.custom_stores import connection, rehearsal
from reconciler.engine.custom_stores.connection import CONNECTED, CONNECTING, DISCONNECTED, FAILED
from reconciler.engine.custom_stores.keys import find, wrong_connection
from reconciler.engine.custom_stores.settings import (
    CLOUDHSM,
    EXTERNAL,
    SECRETS,
    SETTINGS,
    access_key_id,
    check_settings,
    check_unused,
    refuse_foreign,
    secret_key,
    secret_text,
)
from reconciler.engine.errors import invalid, limit_exceeded
from reconciler.engine.instants import to_datetime
from reconciler.engine.paging import paged
from reconciler.engine.quotas.resources import most
from reconciler.engine.store.records import CustomStore
from reconciler.kit.errors import KmsError

_SAFE: Final = frozenset({"CustomKeyStoreId", "NewCustomKeyStoreName"})
"""What UpdateCustomKeyStore may change while the store is connected; of an external one these too:"""
_SAFE_EXTERNAL: Final = _SAFE | {"XksProxyAuthenticationCredential", "XksProxyUriPath"}
_VPC_ONLY: Final = ("XksProxyVpcEndpointServiceName", "XksProxyVpcEndpointServiceOwner")


def _create(call: Call) -> dict[str, Any]:
    given = call.parameters or {}
    kind = call.get("CustomKeyStoreType", CLOUDHSM)
    refuse_foreign(kind, given)
    settings = {name: given[name] for name in SETTINGS[kind] if name in given}
    check_settings(kind, settings, call.caller.region)
    secret = secret_text(kind, given)
    if secret is None:
        raise invalid(f"{SECRETS[kind]} is required for custom key stores of type {kind}.")
    others = _all(call)
    _refuse_name(given["CustomKeyStoreName"], others)
    check_unused(settings, others)
    limit = most(call, "custom-key-stores")
    if len(others) >= limit:
        raise limit_exceeded(f"You have {limit} custom key stores, which is the most that you can have.")
    rehearsal.ask("create", settings)
    rehearsal.contact(settings, secret_key(kind, secret))
    return {"CustomKeyStoreId": _insert(call, kind, settings, secret).store_id}


def _insert(call: Call, kind: str, settings: dict[str, str], secret: str) -> CustomStore:
    store_id = f"cks-{secrets.token_hex(9)[:17]}"
    return call.store.custom_stores.insert(
        CustomStore(
            n=0,
            account=call.caller.account,
            region=call.caller.region,
            store_id=store_id,
            name=call.get("CustomKeyStoreName"),
            kind=kind,
            created=call.now,
            connection=DISCONNECTED,
            connected_at=None,
            failure=None,
            settings=settings,
            sealed=call.keyring.seal_text(store_id, secret),
        )
    )


def _describe(call: Call) -> dict[str, Any]:
    store_id, name = call.get("CustomKeyStoreId"), call.get("CustomKeyStoreName")
    if store_id is not None and name is not None:
        raise invalid("You can specify CustomKeyStoreId or CustomKeyStoreName, but not both.")
    wanted = [store for store in _all(call) if store_id in {None, store.store_id} and name in {None, store.name}]
    if not wanted and (store_id or name):
        raise KmsError("CustomKeyStoreNotFoundException", f"Custom key store {store_id or name} does not exist.")
    found, page = paged(
        call,
        lambda after, limit: [store for store in wanted if store.n > after][:limit],
        lambda store: store.n,
        start=0,
        default=100,
        most=1000,
    )
    return {"CustomKeyStores": [_entry(call, store) for store in found], **page}


def _entry(call: Call, store: CustomStore) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "CustomKeyStoreId": store.store_id,
        "CustomKeyStoreName": store.name,
        "CustomKeyStoreType": store.kind,
        "ConnectionState": store.connection,
        "CreationDate": to_datetime(store.created),
    }
    if store.connection == FAILED:
        entry["ConnectionErrorCode"] = store.failure
    if store.kind == CLOUDHSM:
        return entry | store.settings
    proxy = {name.removeprefix("XksProxy"): value for name, value in store.settings.items()}
    if "VpcEndpointServiceName" in proxy:
        proxy.setdefault("VpcEndpointServiceOwner", store.account)
    proxy["AccessKeyId"] = access_key_id(call.keyring.open_text(store.store_id, store.sealed))
    return entry | {"XksProxyConfiguration": proxy}


def _update(call: Call) -> dict[str, Any]:
    store, given = find(call, call.get("CustomKeyStoreId")), call.parameters or {}
    refuse_foreign(store.kind, given)
    safe = _SAFE_EXTERNAL if store.kind == EXTERNAL else _SAFE
    if store.connection != DISCONNECTED and not (store.connection == CONNECTED and given.keys() <= safe):
        raise wrong_connection(store)
    others = [other for other in _all(call) if other.n != store.n]
    name = call.get("NewCustomKeyStoreName", store.name)
    _refuse_name(name, others)
    settings, secret = _merged(call, store), secret_text(store.kind, given)
    changes: dict[str, Any] = {"name": name, "settings": settings}
    if settings != store.settings or secret is not None:
        secret = secret or call.keyring.open_text(store.store_id, store.sealed)
        check_settings(store.kind, settings, call.caller.region)
        check_unused(settings, others)
        rehearsal.ask("update", settings)
        rehearsal.contact(settings, secret_key(store.kind, secret))
        changes["sealed"] = call.keyring.seal_text(store.store_id, secret)
    call.store.custom_stores.update(store, changes)
    return {}


def _merged(call: Call, store: CustomStore) -> dict[str, str]:
    """The settings as they will be; another connectivity needs another endpoint."""
    given: Mapping[str, Any] = call.parameters or {}
    connectivity = given.get("XksProxyConnectivity")
    settings = dict(store.settings)
    if connectivity is not None and connectivity != settings.get("XksProxyConnectivity"):
        if "XksProxyUriEndpoint" not in given:
            raise invalid("You must specify XksProxyUriEndpoint to change XksProxyConnectivity.")
        settings = {name: value for name, value in settings.items() if name not in _VPC_ONLY}
    return settings | {name: given[name] for name in SETTINGS[store.kind] if name in given}


def _connect(call: Call) -> dict[str, Any]:
    store = find(call, call.get("CustomKeyStoreId"))
    if store.connection == FAILED:
        raise wrong_connection(store)
    if store.connection not in {CONNECTED, CONNECTING}:
        rehearsal.ask("connect", store.settings)
        secret = call.keyring.open_text(store.store_id, store.sealed)
        connection.begin(call.store, store, secret_key(store.kind, secret), call.now)
    return {}


def _disconnect(call: Call) -> dict[str, Any]:
    store = find(call, call.get("CustomKeyStoreId"))
    if store.connection == DISCONNECTED:
        raise wrong_connection(store)
    connection.disconnect(call.store, store)
    return {}


def _delete(call: Call) -> dict[str, Any]:
    store = find(call, call.get("CustomKeyStoreId"))
    if call.store.custom_stores.has_keys(store):
        raise KmsError(
            "CustomKeyStoreHasCMKsException",
            f"Custom key store {store.store_id} contains KMS keys, some of which may await deletion.",
        )
    if store.connection != DISCONNECTED:
        raise wrong_connection(store)
    call.store.custom_stores.delete(store)
    return {}


def _all(call: Call) -> list[CustomStore]:
    return call.store.custom_stores.all_of(call.caller.account, call.caller.region)


def _refuse_name(name: str, others: list[CustomStore]) -> None:
    if any(other.name == name for other in others):
        raise KmsError("CustomKeyStoreNameInUseException", f"A custom key store with the name {name} already exists.")


OPERATIONS = (
    Operation("CreateCustomKeyStore", _create, Access.WRITE, keys=()),
    Operation("DescribeCustomKeyStores", _describe, Access.READ, keys=()),
    Operation("UpdateCustomKeyStore", _update, Access.WRITE, keys=()),
    Operation("ConnectCustomKeyStore", _connect, Access.WRITE, keys=()),
    Operation("DisconnectCustomKeyStore", _disconnect, Access.WRITE, keys=()),
    Operation("DeleteCustomKeyStore", _delete, Access.WRITE, keys=()),
)
