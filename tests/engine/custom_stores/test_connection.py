"""How custom key stores connect, fail to, and disconnect."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib.resources import files

import pytest

from tests.engine.custom_stores.conftest import SECRET, cloudhsm, external, private

REHEARSAL = json.loads(files("reconciler.engine.custom_stores").joinpath("rehearsal.json").read_text())
WRONG_CREDENTIAL = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "wrong" + SECRET}


def named(kind, name):
    """The parameters of a store behind which is the part of this name."""
    match kind:
        case "clusters":
            return cloudhsm(cluster=name)
        case "proxies":
            return private(XksProxyUriEndpoint=f"https://{name}.example.com")
        case "endpointServices":
            return private(service=f"com.amazonaws.vpce.us-east-1.vpce-svc-{name}")


FAILING = [
    (kind, name, part["fails"])
    for kind in ("clusters", "proxies", "endpointServices")
    for name, part in REHEARSAL[kind].items()
    if "fails" in part
]
REFUSING = [
    (kind, name, asked, code)
    for kind in ("clusters", "endpointServices")
    for name, part in REHEARSAL[kind].items()
    for asked, code in part.get("refuses", {}).items()
]


def test_a_store_connects_and_disconnects(kms, connected, described):
    store = connected(cloudhsm())
    assert described(store)["ConnectionState"] == "CONNECTED"
    assert kms("ConnectCustomKeyStore", {"CustomKeyStoreId": store}) == {}
    assert kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": store}) == {}
    assert described(store)["ConnectionState"] == "DISCONNECTED"


def test_what_is_disconnected_is_not_disconnected_again(create, refused):
    error = refused("DisconnectCustomKeyStore", CustomKeyStoreId=create(cloudhsm()))
    assert error.code == "CustomKeyStoreInvalidStateException"


@pytest.mark.parametrize(
    ("parameters", "minutes"),
    [(cloudhsm(cluster="cluster-slow22222222"), 20), (external(host="slow.example.com"), 5)],
    ids=["cluster", "proxy"],
)
def test_connecting_takes_its_time_on_the_engines_clock(kms, connected, described, clock, parameters, minutes):
    store = connected(parameters)
    clock.advance(timedelta(minutes=minutes) - timedelta(seconds=1))
    assert described(store)["ConnectionState"] == "CONNECTING"
    assert kms("ConnectCustomKeyStore", {"CustomKeyStoreId": store}) == {}
    clock.advance(timedelta(seconds=1))
    assert described(store)["ConnectionState"] == "CONNECTED"


def test_an_attempt_to_connect_can_be_given_up(kms, connected, described, clock):
    store = connected(cloudhsm(cluster="cluster-slow22222222"))
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": store})
    clock.advance(timedelta(hours=1))
    assert described(store)["ConnectionState"] == "DISCONNECTED"


@pytest.mark.parametrize(("kind", "name", "code"), FAILING, ids=[f"{kind}-{name}" for kind, name, _ in FAILING])
def test_an_attempt_fails_with_the_code_that_the_name_stands_for(connected, described, kind, name, code):
    entry = described(connected(named(kind, name)))
    assert (entry["ConnectionState"], entry["ConnectionErrorCode"]) == ("FAILED", code)


@pytest.mark.parametrize(
    "parameters",
    [cloudhsm(KeyStorePassword="wrong-password"), private(XksProxyAuthenticationCredential=WRONG_CREDENTIAL)],
    ids=["password", "credential"],
)
def test_wrong_secrets_fail_when_they_are_used(kms, connected, described, parameters):
    store = connected(parameters)
    assert described(store)["ConnectionErrorCode"] == "INVALID_CREDENTIALS"


def test_a_failed_store_is_repaired_by_disconnecting_it_first(kms, connected, described, refused):
    store = connected(cloudhsm(KeyStorePassword="wrong-password"))
    assert refused("ConnectCustomKeyStore", CustomKeyStoreId=store).code == "CustomKeyStoreInvalidStateException"
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": store})
    assert "ConnectionErrorCode" not in described(store)
    kms("UpdateCustomKeyStore", {"CustomKeyStoreId": store, "KeyStorePassword": "right-password"})
    kms("ConnectCustomKeyStore", {"CustomKeyStoreId": store})
    assert described(store)["ConnectionState"] == "CONNECTED"


@pytest.mark.parametrize(
    ("kind", "name", "asked", "code"), REFUSING, ids=[f"{asked}-{name}" for _, name, asked, _ in REFUSING]
)
def test_what_is_found_out_at_once_is_refused_at_once(create, refused, kind, name, asked, code):
    parameters = named(kind, name)
    if asked == "create":
        assert refused("CreateCustomKeyStore", **parameters).code == code
    elif asked == "connect":
        assert refused("ConnectCustomKeyStore", CustomKeyStoreId=create(parameters)).code == code
    else:
        store = create(cloudhsm() if kind == "clusters" else private())
        given = {"CloudHsmClusterId", "XksProxyVpcEndpointServiceName"} & parameters.keys()
        change = {key: parameters[key] for key in given}
        assert refused("UpdateCustomKeyStore", CustomKeyStoreId=store, **change).code == code


PUBLIC = {name: part["refuses"]["contact"] for name, part in REHEARSAL["proxies"].items() if "refuses" in part}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_proxy_is_asked_before_it_is_believed(create, refused, name):
    assert refused("CreateCustomKeyStore", **external(host=f"{name}.example.com")).code == PUBLIC[name]
    store = create(external())
    error = refused("UpdateCustomKeyStore", CustomKeyStoreId=store, XksProxyUriEndpoint=f"https://{name}.example.com")
    assert error.code == PUBLIC[name]


def test_a_host_that_can_never_be_is_unreachable(refused):
    error = refused("CreateCustomKeyStore", **external(host="proxy.invalid"))
    assert error.code == "XksProxyUriUnreachableException"


def test_a_public_proxy_refuses_a_wrong_credential_at_once(refused):
    error = refused("CreateCustomKeyStore", **external(XksProxyAuthenticationCredential=WRONG_CREDENTIAL))
    assert error.code == "XksProxyIncorrectAuthenticationCredentialException"
    assert "wrong" not in error.message


def test_every_error_code_of_the_model_can_be_rehearsed():
    from reconciler.engine.wire.model import _load

    codes = set(_load("kms")["shapes"]["ConnectionErrorCodeType"]["enum"])
    assert codes == {code for *_, code in FAILING} | {"INVALID_CREDENTIALS"}
