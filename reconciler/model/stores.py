"""Custom key stores: what stands behind one, as manifests declare it and as KMS tells it.

Settings go by the names that they have in manifests, so that both sides compare as they are.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html,
API_UpdateCustomKeyStore.html and API_CustomKeyStoresListEntry.html
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address
from reconciler.model.keyspec import Origin
from reconciler.model.material import SecretSource

CREDENTIAL_ID = "xksProxy.credential.accessKeyId"
TRUST_ANCHOR = "cloudHsm.trustAnchorCertificate"
SECRET = "secret"  # noqa: S105  the name of a field, not what is in it
"""The password or secret access key, among settings that an update sends: KMS tells nobody what it has."""


class Connection(enum.StrEnum):
    """Whether KMS is connected to what stands behind a store."""

    CONNECTED = "CONNECTED"
    CONNECTING = "CONNECTING"
    FAILED = "FAILED"
    DISCONNECTED = "DISCONNECTED"
    DISCONNECTING = "DISCONNECTING"


@dataclass(frozen=True, slots=True)
class CloudHsm:
    """A cluster of AWS CloudHSM."""

    cluster_id: str
    trust_anchor: str
    """The certificate in PEM; no secret."""
    password: SecretSource
    """Of the crypto user `kmsuser`."""

    @property
    def settings(self) -> dict[str, str]:
        """What can be told of it, by the names of manifests."""
        return {"cloudHsm.clusterId": self.cluster_id, TRUST_ANCHOR: certificate(self.trust_anchor)}

    @property
    def secret(self) -> SecretSource:
        """Where its secret is."""
        return self.password


@dataclass(frozen=True, slots=True)
class XksProxy:
    """The proxy of an external key manager."""

    uri_endpoint: str
    uri_path: str
    connectivity: str
    """`PUBLIC_ENDPOINT` or `VPC_ENDPOINT_SERVICE`."""
    service_name: str | None
    """Of the VPC endpoint service."""
    service_owner: str | None
    """Its account; None leaves it as it is: the caller's, at first."""
    access_key_id: str
    secret_access_key: SecretSource

    @property
    def settings(self) -> dict[str, str]:
        """What can be told of it, by the names of manifests."""
        named = {
            "xksProxy.connectivity": self.connectivity,
            "xksProxy.uriEndpoint": self.uri_endpoint,
            "xksProxy.uriPath": self.uri_path,
            "xksProxy.vpcEndpointServiceName": self.service_name,
            "xksProxy.vpcEndpointServiceOwner": self.service_owner,
            CREDENTIAL_ID: self.access_key_id,
        }
        return {name: value for name, value in named.items() if value is not None}

    @property
    def secret(self) -> SecretSource:
        """Where its secret is."""
        return self.secret_access_key


Backing = CloudHsm | XksProxy


def origin_of(backing: Backing) -> Origin:
    """Of the keys in a store with that behind it; the type of the store is called the same."""
    return Origin.AWS_CLOUDHSM if isinstance(backing, CloudHsm) else Origin.EXTERNAL_KEY_STORE


@dataclass(frozen=True, slots=True)
class DesiredStore:
    """A `CustomKeyStore` manifest; its name is that of the store, unique in an account and Region."""

    address: Address
    position: Position
    backing: Backing
    connected: bool = True

    @property
    def name(self) -> str:
        """What KMS calls it."""
        return self.address.name


@dataclass(frozen=True, slots=True)
class ObservedStore:
    """One entry of `DescribeCustomKeyStores`."""

    store_id: str
    name: str
    origin: Origin
    connection: Connection
    error: str = ""
    """`ConnectionErrorCode` of a store whose connection failed."""
    settings: Mapping[str, str] = field(default_factory=dict)


def certificate(pem: str) -> str:
    """A certificate without the white space that nobody means."""
    return "\n".join(line.strip() for line in pem.strip().splitlines())
