"""The rows, as values. Times are microseconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RotationSchedule:
    """Automatic rotation: days between two, and the instant of the next."""

    period: int
    due: int


@dataclass(frozen=True, slots=True)
class Custody:
    """Where the material of a key in a custom key store is."""

    store: int
    """The store's number."""
    xks_key_id: str | None
    """The external key, in an external key store."""
    resting_state: str | None
    """The state that the key has again once its store is connected; None while it is not `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key: its metadata, without its material, tags, aliases and grants."""

    n: int
    """The store's own number; it grows with creation."""
    account: str
    region: str
    key_id: str
    spec: str
    usage: str
    origin: str
    state: str
    description: str
    policy: str
    """The key policy's text, as it was put."""
    created: int
    primary_region: str | None
    """The Region of the primary key when this is a multi-Region key."""
    material_id: str | None
    """The current material, None until some was imported; it stays when imported material is deleted or expires."""
    deletion_due: int | None
    deletion_window: int | None
    """Days that the deletion of a primary key will wait once its replicas are gone."""
    expires: int | None
    """The earliest expiry of imported material."""
    settles: int | None
    """When a multi-Region key that is `Creating` or `Updating` is done with that."""
    rotation: RotationSchedule | None
    """When automatic rotations are on."""
    on_demand_rotations: int
    arn: str
    manager: str = "CUSTOMER"
    """CUSTOMER or AWS."""
    custody: Custody | None = None
    """When its material is in a custom key store."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """What CreateKey and ReplicateKey decide about a key; the store adds its number and its instant of creation."""

    key_id: str
    spec: str
    usage: str
    origin: str
    description: str
    policy: str
    primary_region: str | None
    """The Region of the primary key when this is a multi-Region key."""
    manager: str = "CUSTOMER"
    custom_store: int | None = None
    xks_key_id: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class SealedMaterial:
    """Key material as it rests: sealed under the root key, with its public part in the clear."""

    material_id: str
    sealed: bytes
    public: bytes | None
    """DER SubjectPublicKeyInfo of a key pair."""


@dataclass(frozen=True, slots=True)
class HistoricMaterial:
    """One material of a key in its history, whether it is there or not."""

    serial: int
    material_id: str
    created: int
    """When it came to the key, or became current."""
    rotation_type: str | None
    """AUTOMATIC or ON_DEMAND, None for the first material and for one that no rotation made current yet."""
    present: bool
    """Whether it can be used; imported material may be gone, or still to come."""
    pending: bool
    """Whether it was imported for a rotation that is still to be asked for."""
    valid_to: int | None
    description: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    """The last cryptographic operation that a key served."""

    operation: str
    time: int
    event_id: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a key in one account and Region; `name` begins with `alias/`."""

    name: str
    key: int
    """The number of the key that it names."""
    key_id: str
    created: int
    updated: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant; `body` holds the parameters that ListGrants gives back, by AWS's names."""

    n: int
    key: int
    grant_id: str
    created: int
    grantee: str
    retiring: str | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CustomStore:
    """A custom key store."""

    n: int
    account: str
    region: str
    store_id: str
    """`cks-` and 17 hexadecimal digits."""
    name: str
    kind: str
    """AWS_CLOUDHSM or EXTERNAL_KEY_STORE."""
    created: int
    connection: str
    """CONNECTED, CONNECTING, DISCONNECTED or FAILED."""
    connected_at: int | None
    """When the attempt ends, while it is CONNECTING."""
    failure: str | None
    """The ConnectionErrorCode with which the attempt ends, or ended."""
    settings: dict[str, str]
    """Everything that is no secret, by AWS's names."""
    sealed: bytes = field(repr=False)
    """The password or credential, sealed under the root key."""
