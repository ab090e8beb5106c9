"""Steps: a closed union, one member per mutating call.

Each has four consumers, all of them a `match` that ends in `assert_never`: `apply.perform`, `plan.explain`,
`plan.permissions` and `plan.simulate`. A step that one of them forgets does not type-check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.model.address import Address
from reconciler.model.desired import GrantTerms
from reconciler.model.identifiers import AliasName, Days, GrantId, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import FIRST, SecretSource, WhichMaterial, WrappingAlgorithm
from reconciler.model.ownership import Ownership
from reconciler.model.stores import Backing


@dataclass(frozen=True, slots=True)
class ExistingKey:
    """A key that is there while the plan is made, by id (or by ARN, when it is another account's)."""

    key: str


@dataclass(frozen=True, slots=True)
class PlannedKey:
    """A key that an earlier step of the plan creates."""

    address: Address
    generation: int


KeyHandle = ExistingKey | PlannedKey


@dataclass(frozen=True, slots=True)
class CreateKey:
    """Create a key with its ownership tags, which KMS sets in the same instant."""

    key: PlannedKey
    owner: Ownership
    key_spec: KeySpec
    key_usage: KeyUsage
    origin: Origin
    multi_region: bool
    description: str
    policy: str | None
    """JSON text; None for AWS's default policy."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """All tags, those of ownership included; the executor adds the one that names its attempt."""
    store: str | None = None
    """The name of the custom key store that it is created in."""
    xks_key_id: str | None = None
    """Of the external key behind it."""


@dataclass(frozen=True, slots=True)
class ReplicateKey:
    """`ReplicateKey`: make a replica with its ownership tags, which KMS sets in the same instant."""

    key: PlannedKey
    """The replica, which will have the key id of its primary."""
    primary: KeyHandle
    at: TargetName
    """Where the primary is: the call is made there."""
    region: str
    """Where the replica will be."""
    owner: Ownership
    key_spec: KeySpec
    key_usage: KeyUsage
    origin: Origin
    """These three are the primary's."""
    description: str
    policy: str | None
    """JSON text; None for AWS's default policy."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """All tags, those of ownership included; the executor adds the one that names its attempt."""


@dataclass(frozen=True, slots=True)
class UpdatePrimary:
    """`UpdatePrimaryRegion`: the key in another Region becomes the primary, and the primary a replica."""

    key: KeyHandle
    at: TargetName
    """Where the primary is: the call is made there."""
    to: TargetName
    """Where the primary is to be."""
    region: str
    """Of `to`."""


@dataclass(frozen=True, slots=True)
class UpdateDescription:
    """`UpdateKeyDescription`."""

    key: KeyHandle
    description: str


@dataclass(frozen=True, slots=True)
class EnableKey:
    """`EnableKey`."""

    key: KeyHandle


@dataclass(frozen=True, slots=True)
class DisableKey:
    """`DisableKey`."""

    key: KeyHandle


@dataclass(frozen=True, slots=True)
class PutKeyPolicy:
    """`PutKeyPolicy`, without bypassing the lockout check."""

    key: KeyHandle
    policy: str


@dataclass(frozen=True, slots=True)
class TagKey:
    """`TagResource`."""

    key: KeyHandle
    tags: Mapping[str, str]
    late: bool = False
    """Whether they say that something has been done with related keys, and so come after it."""


@dataclass(frozen=True, slots=True)
class UntagKey:
    """`UntagResource`."""

    key: KeyHandle
    tag_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportMaterial:
    """`GetParametersForImport` and `ImportKeyMaterial`: the material itself is read, wrapped and forgotten in apply."""

    key: KeyHandle
    key_spec: KeySpec
    source: SecretSource
    wrapping: WrappingAlgorithm
    valid_to: datetime | None
    """When KMS forgets it; None: never."""
    description: str | None = None
    """None leaves it as it is."""
    which: WhichMaterial = FIRST
    """What it is said to be; KMS sees to that."""
    at: TargetName | None = None
    """Where the primary is, when it is imported into that and the key is a replica. None: where the key is."""


@dataclass(frozen=True, slots=True)
class EnableRotation:
    """`EnableKeyRotation`, which also changes the period of a rotation that is on."""

    key: KeyHandle
    period: Days
    at: TargetName | None = None
    """Where the primary is, when the key is a replica: KMS takes rotation from there. None: where the key is."""


@dataclass(frozen=True, slots=True)
class DisableRotation:
    """`DisableKeyRotation`."""

    key: KeyHandle
    at: TargetName | None = None
    """See `EnableRotation`."""


@dataclass(frozen=True, slots=True)
class RotateOnDemand:
    """`RotateKeyOnDemand`: not idempotent, and limited to 25 for a key's life."""

    key: KeyHandle
    rotations_before: int
    """How many there were when the plan was made: after a lost answer, more means that it happened."""
    at: TargetName | None = None
    """See `EnableRotation`."""
    together: bool = False
    """Whether related keys have to get the new material first, each by an import of its own."""


@dataclass(frozen=True, slots=True)
class ScheduleDeletion:
    """`ScheduleKeyDeletion`."""

    key: KeyHandle
    window: Days


@dataclass(frozen=True, slots=True)
class CancelDeletion:
    """`CancelKeyDeletion`, which leaves the key disabled."""

    key: KeyHandle


@dataclass(frozen=True, slots=True)
class CreateAlias:
    """`CreateAlias`."""

    alias: AliasName
    key: KeyHandle


@dataclass(frozen=True, slots=True)
class UpdateAlias:
    """`UpdateAlias`: the alias moves to another key in place."""

    alias: AliasName
    key: KeyHandle


@dataclass(frozen=True, slots=True)
class DeleteAlias:
    """`DeleteAlias`."""

    alias: AliasName


@dataclass(frozen=True, slots=True)
class CreateGrant:
    """`CreateGrant`, always with a name, so that a repetition returns the same grant."""

    key: KeyHandle
    name: str
    terms: GrantTerms


@dataclass(frozen=True, slots=True)
class RevokeGrant:
    """`RevokeGrant`."""

    key: KeyHandle
    grant_id: GrantId


@dataclass(frozen=True, slots=True)
class CreateCustomKeyStore:
    """`CreateCustomKeyStore`: the password or secret access key is read in apply."""

    name: str
    backing: Backing


@dataclass(frozen=True, slots=True)
class UpdateCustomKeyStore:
    """`UpdateCustomKeyStore`."""

    name: str
    backing: Backing
    changed: tuple[str, ...]
    """The settings that are sent, by the names of manifests."""


@dataclass(frozen=True, slots=True)
class ConnectCustomKeyStore:
    """`ConnectCustomKeyStore`, and waiting until it is connected: keys cannot be created before."""

    name: str


@dataclass(frozen=True, slots=True)
class DisconnectCustomKeyStore:
    """`DisconnectCustomKeyStore`: no key in it can be used then."""

    name: str
    reconnects: bool
    """Whether it is disconnected to be changed, before everything else; otherwise after it."""


Step = (
    CreateCustomKeyStore
    | UpdateCustomKeyStore
    | ConnectCustomKeyStore
    | DisconnectCustomKeyStore
    | CreateKey
    | ReplicateKey
    | UpdatePrimary
    | UpdateDescription
    | EnableKey
    | DisableKey
    | PutKeyPolicy
    | TagKey
    | UntagKey
    | ImportMaterial
    | EnableRotation
    | DisableRotation
    | RotateOnDemand
    | ScheduleDeletion
    | CancelDeletion
    | CreateAlias
    | UpdateAlias
    | DeleteAlias
    | CreateGrant
    | RevokeGrant
)


def targets_of(step: Step, target: TargetName) -> tuple[TargetName, ...]:
    """The targets that are called to carry out `step` of a change on `target`; the first is where the call is made."""
    match step:
        case ReplicateKey():
            return step.at, target
        case UpdatePrimary():
            return step.at, step.to
        case EnableRotation(at=str() as at) | DisableRotation(at=str() as at) | RotateOnDemand(at=str() as at):
            return (at,)
        case ImportMaterial(at=str() as at):
            return (at,)
        case _:
            return (target,)
