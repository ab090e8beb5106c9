"""What a KMS really holds, as far as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.model.desired import GrantTerms
from reconciler.model.identifiers import AliasName, Days, GrantId, KeyArn, KeyId, TargetName
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.stores import ObservedStore
from reconciler.model.usage import LastUse


@dataclass(frozen=True, slots=True)
class ObservedRotation:
    """Of `GetKeyRotationStatus`, and of `ListKeyRotations` where it mattered."""

    enabled: bool
    period: Days | None = None
    on_demand_rotations: int | None = None
    """How often the key was rotated on demand; None when it was not read."""


@dataclass(frozen=True, slots=True)
class ObservedGrant:
    """One entry of `ListGrants`."""

    grant_id: GrantId
    key_id: KeyId
    name: str
    terms: GrantTerms
    issuing_account: str = ""
    """ARN of the account's root, or of the service, under which the grant was made."""


@dataclass(frozen=True, slots=True)
class Material:
    """One imported material of a symmetric encryption key: an entry of `ListKeyRotations`."""

    material_id: str
    imported: bool = True
    """Whether it is there; what expired or was deleted still belongs to the key."""
    valid_to: datetime | None = None
    """When it expires; None: never."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ObservedMaterials:
    """The imported materials of a symmetric encryption key. Without all but a pending one it cannot be used."""

    current: Material | None = None
    """None before the first import."""
    pending: Material | None = None
    """To be rotated to; of a replica, not always imported yet."""
    awaited: bool = False
    """Whether a related key has to get the pending material, too, before KMS rotates to it."""
    earlier: tuple[str, ...] = ()
    """Ids of earlier materials that are there, sorted."""
    missing: tuple[str, ...] = ()
    """Ids of earlier materials that expired or were deleted, or that a replica never got, sorted."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Where the related keys of a multi-Region key are: `MultiRegionConfiguration` of `DescribeKey`."""

    primary: str
    replicas: tuple[str, ...] = ()
    """Sorted."""


@dataclass(frozen=True, slots=True)
class ObservedKey:
    """A key. A facet that is None was not read, because its answer could not matter."""

    key_id: KeyId
    arn: KeyArn
    key_spec: KeySpec
    key_usage: KeyUsage
    origin: Origin
    state: KeyState
    created: datetime
    description: str = ""
    multi_region: bool = False
    regions: Regions | None = None
    """Of a multi-Region key; None also where the KMS does not tell."""
    aws_managed: bool = False
    material: bool = True
    """Whether there is key material; a key whose material is imported has none before. Its state may not tell."""
    valid_to: datetime | None = None
    """When the first of its imported materials expires; None: never."""
    materials: ObservedMaterials | None = None
    """Read only where a manifest declares imported material; None also of keys that have one material for life."""
    store_id: str | None = None
    """Of the custom key store that it is in."""
    xks_key_id: str | None = None
    """Of the external key behind it."""
    deletion_date: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    policy: str | None = None
    """The default policy's JSON text as KMS gave it."""
    rotation: ObservedRotation | None = None
    """None also for keys that cannot rotate."""
    grants: tuple[ObservedGrant, ...] | None = None
    last_use: LastUse | None = None
    """Read only for keys that a plan would disable, delete, or take an alias from."""

    @property
    def pending_deletion(self) -> bool:
        """Whether its deletion is scheduled."""
        return self.state in (KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION)

    @property
    def region(self) -> str:
        """Where it is, by its ARN."""
        return self.arn.split(":")[3]

    @property
    def is_replica(self) -> bool:
        """Whether it is known to be a replica now; `UpdatePrimaryRegion` changes that."""
        return self.regions is not None and self.regions.primary != self.region


@dataclass(frozen=True, slots=True)
class ObservedAlias:
    """One entry of `ListAliases`."""

    name: AliasName
    key_id: KeyId | None
    """None for the AWS aliases that point nowhere yet."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who and where: the answer of `GetCallerIdentity`, and the Region of the connection."""

    account_id: str
    region: str
    partition: str
    caller_arn: str


@dataclass(frozen=True, slots=True)
class ObservedTarget:
    """One account and Region, read at one instant."""

    account: Account
    read_at: datetime
    keys: Mapping[KeyId, ObservedKey] = field(default_factory=dict)
    """Keys of this stack, those that manifests name from outside it, and in a full reading all others too."""
    aliases: Mapping[AliasName, ObservedAlias] = field(default_factory=dict)
    """All aliases of the account and Region but those of AWS."""
    stores: Mapping[str, ObservedStore] = field(default_factory=dict)
    """All custom key stores of the account and Region by name; read only where manifests declare some."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Keys that are not this stack's and may not be read, or are not understood, by what calls name them; and why."""


@dataclass(frozen=True, slots=True)
class ObservedState:
    """Every target of a run."""

    targets: Mapping[TargetName, ObservedTarget]
