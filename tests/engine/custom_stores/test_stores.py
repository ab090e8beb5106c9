"""Custom key stores: created, described, updated, deleted."""

from __future__ import annotations

import pytest

from tests.engine.custom_stores.conftest import (
    ACCESS_KEY,
    CERTIFICATE,
    OTHER_CERTIFICATE,
    SECRET,
    cloudhsm,
    external,
    private,
)


def test_a_cloudhsm_key_store_is_described_without_its_password(create, described, clock):
    store = create(cloudhsm())
    assert store.startswith("cks-")
    assert described(store) == {
        "CustomKeyStoreId": store,
        "CustomKeyStoreName": "hsm",
        "CustomKeyStoreType": "AWS_CLOUDHSM",
        "CloudHsmClusterId": "cluster-2a23b4cdefg",
        "TrustAnchorCertificate": CERTIFICATE,
        "ConnectionState": "DISCONNECTED",
        "CreationDate": clock.now(),
    }


def test_an_external_key_store_is_described_without_its_secret(create, described, clock):
    store = create(private())
    assert described(store) == {
        "CustomKeyStoreId": store,
        "CustomKeyStoreName": "vpc",
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "ConnectionState": "DISCONNECTED",
        "CreationDate": clock.now(),
        "XksProxyConfiguration": {
            "Connectivity": "VPC_ENDPOINT_SERVICE",
            "AccessKeyId": ACCESS_KEY,
            "UriEndpoint": "https://proxy.example.com",
            "UriPath": "/kms/xks/v1",
            "VpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0example",
            "VpcEndpointServiceOwner": "111122223333",
        },
    }


def test_stores_are_found_by_name_and_listed_in_pages(kms, create):
    first, second = create(external("a", path="/a/kms/xks/v1")), create(external("b", path="/b/kms/xks/v1"))
    (found,) = kms("DescribeCustomKeyStores", {"CustomKeyStoreName": "b"})["CustomKeyStores"]
    assert found["CustomKeyStoreId"] == second
    page = kms("DescribeCustomKeyStores", {"Limit": 1})
    assert ([store["CustomKeyStoreId"] for store in page["CustomKeyStores"]], page["Truncated"]) == ([first], True)
    page = kms("DescribeCustomKeyStores", {"Limit": 1, "Marker": page["NextMarker"]})
    assert ([store["CustomKeyStoreId"] for store in page["CustomKeyStores"]], page["Truncated"]) == ([second], False)


def test_stores_are_those_of_one_account_and_region(engine, create):
    create(cloudhsm())
    for elsewhere in (engine.client(region="eu-west-1"), engine.client(account="444455556666")):
        assert elsewhere("DescribeCustomKeyStores", {})["CustomKeyStores"] == []


@pytest.mark.parametrize(
    "operation",
    [
        "ConnectCustomKeyStore",
        "DisconnectCustomKeyStore",
        "DeleteCustomKeyStore",
        "UpdateCustomKeyStore",
        "DescribeCustomKeyStores",
    ],
)
def test_a_store_that_is_not_there_is_not_found(refused, operation):
    assert refused(operation, CustomKeyStoreId="cks-none").code == "CustomKeyStoreNotFoundException"


def test_a_store_is_asked_for_by_id_or_by_name(refused):
    error = refused("DescribeCustomKeyStores", CustomKeyStoreId="cks-none", CustomKeyStoreName="a")
    assert error.code == "ValidationException"
    assert refused("DescribeCustomKeyStores", CustomKeyStoreName="a").code == "CustomKeyStoreNotFoundException"


WRONG = {
    "no cluster": (cloudhsm(CloudHsmClusterId=None), "ValidationException"),
    "no certificate": (cloudhsm(TrustAnchorCertificate=None), "ValidationException"),
    "no password": (cloudhsm(KeyStorePassword=None), "ValidationException"),
    "a proxy for a cluster": (cloudhsm(XksProxyUriPath="/kms/xks/v1"), "ValidationException"),
    "a certificate that is none": (cloudhsm(TrustAnchorCertificate="none"), "IncorrectTrustAnchorException"),
    "no endpoint": (external(XksProxyUriEndpoint=None), "ValidationException"),
    "no path": (external(XksProxyUriPath=None), "ValidationException"),
    "no connectivity": (external(XksProxyConnectivity=None), "ValidationException"),
    "no credential": (external(XksProxyAuthenticationCredential=None), "ValidationException"),
    "a password for a proxy": (external(KeyStorePassword="kmsPswd12345"), "ValidationException"),
    "an endpoint service for a public proxy": (
        external(XksProxyVpcEndpointServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0example"),
        "ValidationException",
    ),
    "a private proxy without one": (private(service=None), "ValidationException"),
    "an endpoint service elsewhere": (
        private(service="com.amazonaws.vpce.eu-west-1.vpce-svc-0example"),
        "XksProxyVpcEndpointServiceNotFoundException",
    ),
    "a path without the API": (external(path="/kms"), "ValidationException"),
    "an endpoint without TLS": (external(XksProxyUriEndpoint="http://a.example.com"), "ValidationException"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_store_that_cannot_be_is_refused(refused, case):
    parameters, code = WRONG[case]
    assert refused("CreateCustomKeyStore", **parameters).code == code


TAKEN = {
    "the name": (external("first", path="/b/kms/xks/v1"), "CustomKeyStoreNameInUseException"),
    "the cluster": (cloudhsm(TrustAnchorCertificate=OTHER_CERTIFICATE), "CloudHsmClusterInUseException"),
    "the certificate": (cloudhsm(cluster="cluster-3a23b4cdefg"), "CloudHsmClusterInUseException"),
    "the address": (external(), "XksProxyUriInUseException"),
    "the endpoint": (
        private(service="com.amazonaws.vpce.us-east-1.vpce-svc-0second"),
        "XksProxyUriEndpointInUseException",
    ),
    "the private name": (
        private(
            service="com.amazonaws.vpce.us-east-1.vpce-svc-0second",
            XksProxyUriEndpoint="https://private.example.com",
            XksProxyUriPath="/b/kms/xks/v1",
        ),
        "XksProxyUriEndpointInUseException",
    ),
    "the endpoint service": (
        private(XksProxyUriEndpoint="https://other.example.com"),
        "XksProxyVpcEndpointServiceInUseException",
    ),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_another_store_has_is_in_use(create, refused, case):
    create(cloudhsm("first"))
    create(external("second"))
    create(private("third", XksProxyUriEndpoint="https://private.example.com"))
    parameters, code = TAKEN[case]
    assert refused("CreateCustomKeyStore", **parameters).code == code


def test_an_account_has_at_most_ten_stores_in_a_region(create, refused):
    for index in range(10):
        create(external(f"{index}", path=f"/{index}/kms/xks/v1"))
    assert refused("CreateCustomKeyStore", **cloudhsm()).code == "LimitExceededException"


def test_everything_of_a_disconnected_store_can_be_updated(kms, create, described):
    hsm, xks = create(cloudhsm()), create(external())
    change = {"NewCustomKeyStoreName": "new", "CloudHsmClusterId": "cluster-5a23b4cdefg", "KeyStorePassword": "another"}
    assert kms("UpdateCustomKeyStore", {"CustomKeyStoreId": hsm, **change}) == {}
    entry = described(hsm)
    assert (entry["CustomKeyStoreName"], entry["CloudHsmClusterId"]) == ("new", "cluster-5a23b4cdefg")
    change = {
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyUriEndpoint": "https://private.example.com",
        "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0example",
        "XksProxyVpcEndpointServiceOwner": "444455556666",
        "XksProxyAuthenticationCredential": {"AccessKeyId": "B" * 20, "RawSecretAccessKey": SECRET},
    }
    kms("UpdateCustomKeyStore", {"CustomKeyStoreId": xks, **change})
    assert described(xks)["XksProxyConfiguration"] == {
        "Connectivity": "VPC_ENDPOINT_SERVICE",
        "AccessKeyId": "B" * 20,
        "UriEndpoint": "https://private.example.com",
        "UriPath": "/kms/xks/v1",
        "VpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0example",
        "VpcEndpointServiceOwner": "444455556666",
    }
    change = {"XksProxyConnectivity": "PUBLIC_ENDPOINT", "XksProxyUriEndpoint": "https://proxy.example.com"}
    kms("UpdateCustomKeyStore", {"CustomKeyStoreId": xks, **change})
    assert "VpcEndpointServiceName" not in described(xks)["XksProxyConfiguration"]


def test_another_connectivity_needs_another_endpoint(create, refused):
    store = create(external())
    error = refused("UpdateCustomKeyStore", CustomKeyStoreId=store, XksProxyConnectivity="VPC_ENDPOINT_SERVICE")
    assert error.code == "ValidationException"


CREDENTIAL = {"AccessKeyId": ACCESS_KEY, "RawSecretAccessKey": SECRET}
UPDATES = {
    "name of a cluster's": (cloudhsm(), {"NewCustomKeyStoreName": "new"}, True),
    "password": (cloudhsm(), {"KeyStorePassword": "another1"}, False),
    "cluster": (cloudhsm(), {"CloudHsmClusterId": "cluster-5a23b4cdefg"}, False),
    "name and cluster": (cloudhsm(), {"NewCustomKeyStoreName": "a", "KeyStorePassword": "another1"}, False),
    "name of a proxy's": (external(), {"NewCustomKeyStoreName": "new"}, True),
    "credential": (external(), {"XksProxyAuthenticationCredential": CREDENTIAL}, True),
    "path": (external(), {"XksProxyUriPath": "/b/kms/xks/v1"}, True),
    "endpoint": (external(), {"XksProxyUriEndpoint": "https://other.example.com"}, False),
    "connectivity": (external(), {"XksProxyConnectivity": "PUBLIC_ENDPOINT"}, False),
}


@pytest.mark.parametrize("case", UPDATES)
def test_a_connected_store_changes_only_what_does_not_part_it_from_its_keys(kms, connected, refused, case):
    parameters, change, allowed = UPDATES[case]
    store = connected(parameters)
    if allowed:
        kms("UpdateCustomKeyStore", {"CustomKeyStoreId": store, **change})
    else:
        error = refused("UpdateCustomKeyStore", CustomKeyStoreId=store, **change)
        assert error.code == "CustomKeyStoreInvalidStateException"


@pytest.mark.parametrize("state", ["FAILED", "CONNECTING"])
def test_a_store_on_its_way_is_not_updated(connected, described, refused, state):
    store = connected(cloudhsm(cluster="cluster-slow22222222" if state == "CONNECTING" else "cluster-nohsm2222222"))
    assert described(store)["ConnectionState"] == state
    error = refused("UpdateCustomKeyStore", CustomKeyStoreId=store, NewCustomKeyStoreName="new")
    assert error.code == "CustomKeyStoreInvalidStateException"


def test_an_update_is_held_against_the_other_stores(create, refused):
    create(cloudhsm("first"))
    second = create(cloudhsm("second", "cluster-3a23b4cdefg", TrustAnchorCertificate=OTHER_CERTIFICATE))
    error = refused("UpdateCustomKeyStore", CustomKeyStoreId=second, NewCustomKeyStoreName="first")
    assert error.code == "CustomKeyStoreNameInUseException"
    error = refused("UpdateCustomKeyStore", CustomKeyStoreId=second, CloudHsmClusterId="cluster-2a23b4cdefg")
    assert error.code == "CloudHsmClusterInUseException"


def test_a_store_is_deleted_when_it_is_empty_and_disconnected(kms, connected, refused):
    store = connected(cloudhsm())
    assert refused("DeleteCustomKeyStore", CustomKeyStoreId=store).code == "CustomKeyStoreInvalidStateException"
    kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": store})
    assert kms("DeleteCustomKeyStore", {"CustomKeyStoreId": store}) == {}
    assert kms("DescribeCustomKeyStores", {})["CustomKeyStores"] == []


def test_secrets_are_nowhere_in_the_clear(kms, engine, data, create):
    store = create(external())
    create(cloudhsm())
    kms("UpdateCustomKeyStore", {"CustomKeyStoreId": store, "XksProxyAuthenticationCredential": CREDENTIAL})
    record = repr(list(engine.events()))
    resting = b"".join(file.read_bytes() for file in data.iterdir() if file.is_file())
    for secret in ("kmsPswd12345", SECRET, ACCESS_KEY):
        assert secret not in record
        assert secret.encode() not in resting


def test_an_altered_secret_is_not_used(engine, data, create, clock):
    import sqlite3

    from reconciler.engine.engine import Engine
    from reconciler.kit.errors import KmsctlError

    store = create(cloudhsm())
    engine.close()
    with sqlite3.connect(data / "kms.sqlite3") as database:
        database.execute("UPDATE custom_stores SET sealed = CAST(sealed || x'00' AS BLOB)")
    database.close()
    with Engine.open(data, clock=clock) as again, pytest.raises(KmsctlError, match="does not open"):
        again.client()("ConnectCustomKeyStore", {"CustomKeyStoreId": store})
