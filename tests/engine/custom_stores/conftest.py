"""Custom key stores of both types, and what they are made of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SECRET = "s3cretPart" * 5
ACCESS_KEY = "A" * 20
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


def certificate(name: str) -> str:
    """A self-signed certificate, as a cluster has one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(SINCE).not_valid_after(UNTIL)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


CERTIFICATE = certificate("one")
OTHER_CERTIFICATE = certificate("two")


def cloudhsm(name="hsm", cluster="cluster-2a23b4cdefg", **changes):
    """Parameters of a CloudHSM key store; None takes one away."""
    parameters = {
        "CustomKeyStoreName": name,
        "CloudHsmClusterId": cluster,
        "TrustAnchorCertificate": CERTIFICATE,
        "KeyStorePassword": "kmsPswd12345",
    } | changes
    return {name: value for name, value in parameters.items() if value is not None}


def external(name="xks", host="proxy.example.com", path="/kms/xks/v1", **changes):
    """Parameters of an external key store; None takes one away."""
    parameters = {
        "CustomKeyStoreName": name,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": f"https://{host}",
        "XksProxyUriPath": path,
        "XksProxyAuthenticationCredential": {"AccessKeyId": ACCESS_KEY, "RawSecretAccessKey": SECRET},
    } | changes
    return {name: value for name, value in parameters.items() if value is not None}


def private(name="vpc", service="com.amazonaws.vpce.us-east-1.vpce-svc-0example", **changes):
    """Parameters of an external key store whose proxy is reached privately."""
    return external(
        name, XksProxyConnectivity="VPC_ENDPOINT_SERVICE", XksProxyVpcEndpointServiceName=service, **changes
    )


@pytest.fixture
def create(kms):
    """Create a store with these parameters; its id."""

    def create(parameters):
        return kms("CreateCustomKeyStore", parameters)["CustomKeyStoreId"]

    return create


@pytest.fixture
def connected(kms, create):
    """Create a store with these parameters and connect it; its id."""

    def connect(parameters):
        store = create(parameters)
        kms("ConnectCustomKeyStore", {"CustomKeyStoreId": store})
        return store

    return connect


@pytest.fixture
def described(kms):
    """What DescribeCustomKeyStores says of a store."""

    def describe(store):
        (entry,) = kms("DescribeCustomKeyStores", {"CustomKeyStoreId": store})["CustomKeyStores"]
        return entry

    return describe
