"""Custom key stores: their calls, which name a store by its id, and the waits that these begin.

A name is a store's identity, so its id is looked up when it is needed. A connection takes up to 20 minutes, and none
is reported as failed before KMS says so.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html and
API_CustomKeyStoresListEntry.html (ConnectionErrorCode).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, assert_never

from reconciler.apply.recover import recovering
from reconciler.apply.secrets import Secrets
from reconciler.apply.site import Done, Site, store_named
from reconciler.apply.wait import LOST_ANSWER, Pause, Pausing
from reconciler.apply.wire import Request
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms.sweeps import sweep_stores
from reconciler.model.stores import (
    CREDENTIAL_ID,
    SECRET,
    Backing,
    CloudHsm,
    Connection,
    XksProxy,
    origin_of,
)
from reconciler.plan.steps import (
    ConnectCustomKeyStore,
    CreateCustomKeyStore,
    DisconnectCustomKeyStore,
    UpdateCustomKeyStore,
)

StoreStep = CreateCustomKeyStore | UpdateCustomKeyStore | ConnectCustomKeyStore | DisconnectCustomKeyStore

CONNECTING_WINDOW: Final = 1800.0
"""Seconds after which a store that still connects is gone on with; AWS speaks of up to 20 minutes."""

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_CALLS: Final = 3
_PAUSE: Final = 2.0
_NAME_IN_USE: Final = "CustomKeyStoreNameInUseException"
PARAMETERS: Final = {
    "cloudHsm.clusterId": "CloudHsmClusterId",
    "cloudHsm.trustAnchorCertificate": "TrustAnchorCertificate",
    "xksProxy.connectivity": "XksProxyConnectivity",
    "xksProxy.uriEndpoint": "XksProxyUriEndpoint",
    "xksProxy.uriPath": "XksProxyUriPath",
    "xksProxy.vpcEndpointServiceName": "XksProxyVpcEndpointServiceName",
    "xksProxy.vpcEndpointServiceOwner": "XksProxyVpcEndpointServiceOwner",
}
"""What KMS calls the settings that are no credential, by the names of manifests."""


def change_store(step: StoreStep, site: Site) -> Pausing[Done]:
    """Carry out `step`.

    Raises:
        KmsctlError: the store is not there, or its connection failed.
        KmsError: KMS refused, in its own words.
    """
    match step:
        case CreateCustomKeyStore():
            return (yield from _create(step, site))
        case UpdateCustomKeyStore():
            yield from _until(lambda: store_named(site, step.name).connection is not Connection.DISCONNECTING, site)
            return (yield from _repeated(lambda: _update(step, site)))
        case ConnectCustomKeyStore():
            return (yield from _connect(step, site))
        case DisconnectCustomKeyStore():
            return (yield from _disconnect(step, site))
        case _:
            assert_never(step)


def secret_text(backing: Backing, secrets: Secrets) -> tuple[str, str]:
    """The password or secret access key, without the line end that editors and `echo` leave; and a note, if any.

    Raises:
        KmsctlError: it is not there, or it is no text.
    """
    secret = secrets(backing.secret)
    try:
        return secret.content.decode("ascii").rstrip("\r\n"), secret.note
    except UnicodeDecodeError:
        raise KmsctlError(
            f"the {backing.secret} is no password or key",
            why="it has characters beyond ASCII",
            fix="write it there as it is, without encoding it",
        ) from None


def _create(step: CreateCustomKeyStore, site: Site) -> Pausing[Done]:
    settings = {name: value for name, value in step.backing.settings.items() if name in PARAMETERS}
    secret, note = secret_text(step.backing, site.secrets)
    parameters = {
        "CustomKeyStoreName": step.name,
        "CustomKeyStoreType": str(origin_of(step.backing)),
        **{PARAMETERS[name]: value for name, value in settings.items()},
        **_credential(step.backing, secret),
    }

    def call() -> Pausing[Done]:
        yield from ()
        try:
            site.send(Request("CreateCustomKeyStore", parameters))
        except KmsError as error:
            if error.code != _NAME_IN_USE:
                raise
            return Done(notes=("another apply made it first. Plan again to see whether both wanted the same",))
        return Done(notes=(note,) if note else ())

    def found() -> Done | None:
        there = step.name in sweep_stores(site.kms)
        return Done(notes=("the answer was lost; the custom key store was found",)) if there else None

    return (yield from recovering(call, found, site))


def _update(step: UpdateCustomKeyStore, site: Site) -> Done:
    parameters: dict[str, Any] = {"CustomKeyStoreId": store_named(site, step.name).store_id}
    settings = step.backing.settings
    parameters |= {PARAMETERS[name]: settings[name] for name in _sent(step) if name in PARAMETERS}
    notes: tuple[str, ...] = ()
    if not {CREDENTIAL_ID, SECRET}.isdisjoint(step.changed):
        secret, note = secret_text(step.backing, site.secrets)
        parameters |= _credential(step.backing, secret)
        notes = (note,) if note else ()
    site.send(Request("UpdateCustomKeyStore", parameters))
    return Done(notes=notes)


def _sent(step: UpdateCustomKeyStore) -> list[str]:
    """KMS wants to be told the endpoint, and the service if there is one, together with another connectivity."""
    wanted = {*step.changed}
    if "xksProxy.connectivity" in wanted:
        wanted |= {"xksProxy.uriEndpoint", "xksProxy.vpcEndpointServiceName"}
    return sorted(wanted & step.backing.settings.keys())


def _credential(backing: Backing, secret: str) -> dict[str, Any]:
    match backing:
        case CloudHsm():
            return {"KeyStorePassword": secret}
        case XksProxy(access_key_id=key_id):
            credential = {"AccessKeyId": key_id, "RawSecretAccessKey": secret}
            return {"XksProxyAuthenticationCredential": credential}
        case _:
            assert_never(backing)


def _connect(step: ConnectCustomKeyStore, site: Site) -> Pausing[Done]:
    yield from _until(lambda: store_named(site, step.name).connection is not Connection.DISCONNECTING, site)
    yield from _repeated(lambda: _send(site, "ConnectCustomKeyStore", step.name))
    settled = yield from _until(lambda: store_named(site, step.name).connection is not Connection.CONNECTING, site)
    store = store_named(site, step.name)
    if store.connection is Connection.FAILED:
        raise KmsctlError(
            f"the custom key store {step.name} could not be connected",
            why=f"its connection failed with {store.error}",
            fix="AWS's reference of CustomKeyStoresListEntry says what that means; mend it, and plan again",
        )
    return Done(notes=() if settled else ("it is still connecting; keys cannot be created in it before it is",))


def _disconnect(step: DisconnectCustomKeyStore, site: Site) -> Pausing[Done]:
    """It is disconnected already when that is what KMS refuses for."""
    try:
        yield from _repeated(lambda: _send(site, "DisconnectCustomKeyStore", step.name))
    except KmsError as error:
        off = (Connection.DISCONNECTED, Connection.DISCONNECTING)
        if error.code != "CustomKeyStoreInvalidStateException" or store_named(site, step.name).connection not in off:
            raise
    yield from _until(lambda: store_named(site, step.name).connection is Connection.DISCONNECTED, site)
    return Done()


def _send(site: Site, operation: str, name: str) -> Done:
    site.send(Request(operation, {"CustomKeyStoreId": store_named(site, name).store_id}))
    return Done()


def _repeated(call: Callable[[], Done]) -> Pausing[Done]:
    """A call whose second effect is none, made again when its answer is lost."""
    left = _CALLS
    while True:
        left -= 1
        try:
            return call()
        except AmbiguousOutcome:
            if not left or (yield Pause(_PAUSE, LOST_ANSWER)):
                raise


def _until(reached: Callable[[], bool], site: Site) -> Pausing[bool]:
    """Whether `reached` within `CONNECTING_WINDOW` and the site's patience; not, after an interrupt."""
    end = site.clock.monotonic() + min(CONNECTING_WINDOW, site.patience)
    pause = _FIRST_PAUSE
    while not reached():
        if site.clock.monotonic() >= end or (yield Pause(pause, "KMS is still working on the custom key store")):
            return False
        pause = min(2 * pause, _LONGEST_PAUSE)
    return True
