"""What the manifests ask for, after references, roles and pseudo parameters are resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reconciler.kit.absent import ABSENT, Absent
from reconciler.kit.canonical import digest
from reconciler.kit.diagnostics import Position
from reconciler.model.accesstest import AccessTest
from reconciler.model.address import Address
from reconciler.model.identifiers import AliasName, Days, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import ImportedMaterial, has_several_materials
from reconciler.model.stores import DesiredStore

MIN_WINDOW, MAX_WINDOW = 7, 30
"""Days that a scheduled deletion waits. Source: API reference, ScheduleKeyDeletion."""
MIN_PERIOD, MAX_PERIOD = 90, 2560
"""Days between automatic rotations. Source: API reference, EnableKeyRotation."""


@dataclass(frozen=True, slots=True)
class AutomaticRotation:
    """KMS rotates the material every `period`."""

    period: Days = Days(365)


@dataclass(frozen=True, slots=True)
class OnDemandRotation:
    """Rotate once whenever `serial` was raised. Automatic rotation is left as it is."""

    serial: int


@dataclass(frozen=True, slots=True)
class ManualRotation:
    """A new key every so often, the aliases moved to it, old keys kept for decryption.

    `keep` is how many superseded keys stay enabled; older ones are disabled, never deleted. None keeps all.
    """

    every: Days
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class NoRotation:
    """Deliberately none, and why."""

    reason: str


Rotation = AutomaticRotation | OnDemandRotation | ManualRotation | NoRotation


@dataclass(frozen=True, slots=True)
class Deletion:
    """What happens to a key once its manifest is gone."""

    policy: Literal["Retain", "Schedule"] = "Retain"
    window: Days = Days(30)
    protect: bool = False
    """Refuse every disabling and deletion, allowed or not."""


@dataclass(frozen=True, slots=True)
class AdoptKeyId:
    """Adopt the key with this id or ARN."""

    key: str


@dataclass(frozen=True, slots=True)
class AdoptAlias:
    """Adopt the key that this alias points to."""

    alias: AliasName


@dataclass(frozen=True, slots=True)
class AdoptTags:
    """Adopt the one key that has all of these tags."""

    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AdoptReplica:
    """Adopt the replica of the declared primary that is in the Region; there is never more than one."""


Adoption = AdoptKeyId | AdoptAlias | AdoptTags
"""Ways to say which key a `Key` adopts."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """What somebody else manages."""

    tags: tuple[str, ...] = ()
    """Patterns of tag keys, with `*` and `?`."""
    fields: frozenset[str] = frozenset()
    """Of `description`, `enabled`, `policy`, `rotation`, `tags`."""


@dataclass(frozen=True, slots=True)
class ManagedKey:
    """The key that a manifest of this stack declares."""

    address: Address


@dataclass(frozen=True, slots=True)
class ExternalPrimary:
    """A primary that no manifest of this stack declares."""

    target: TargetName
    """Where it is; read, and called to replicate it."""
    key: str
    """Its key id or ARN."""


PrimaryReference = ManagedKey | ExternalPrimary


@dataclass(frozen=True, slots=True)
class DesiredKey:
    """A `Key` or a `ReplicaKey` manifest.

    Of a replica, spec, usage, origin and manual rotation are those of its primary.
    """

    address: Address
    position: Position
    key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT
    key_usage: KeyUsage = KeyUsage.ENCRYPT_DECRYPT
    origin: Origin = Origin.AWS_KMS
    multi_region: bool = False
    primary: PrimaryReference | None = None
    """What it is a replica of; None for a `Key`."""
    primary_region: str | None = None
    """Of a `Key`: the Region whose key is to be the primary; None leaves the primary where it is."""
    description: str | Absent = ABSENT
    enabled: bool | Absent = ABSENT
    """Absent when the manifest leaves it to others; the schema's default is true."""
    policy: str | Absent = ABSENT
    """The document as JSON text, compiled from roles or as it was given."""
    statement_positions: Sequence[Position] = field(default=(), compare=False, repr=False)
    """Where each statement of `policy` comes from, in order: itself, or the field that it is compiled from."""
    rotation: Rotation | Absent = ABSENT
    tags: Mapping[str, str] | Absent = ABSENT
    deletion: Deletion = field(default_factory=Deletion)
    adopt: Adoption | AdoptReplica | None = None
    ignore: Ignore = field(default_factory=Ignore)
    replacement: Literal["Forbid", "NewKey"] = "Forbid"
    material: ImportedMaterial | None = None
    """Of origin EXTERNAL: where its material is; None leaves imports to others."""
    store: Address | None = None
    """The CustomKeyStore that it is in; None also of a key whose store nobody declares."""
    xks_key_id: str | None = None
    """Of the external key behind a key of an external key store."""

    @property
    def serial(self) -> int | None:
        """What is raised to rotate the key once: of its rotation, or of the material that it is to be rotated to.

        None also of replicas: whatever rotates is their primary.
        """
        if self.primary is not None:
            return None
        if self.material is not None:
            return self.material.serial if has_several_materials(self.key_spec) else None
        return self.rotation.serial if isinstance(self.rotation, OnDemandRotation) else None


@dataclass(frozen=True, slots=True)
class ExternalKey:
    """A key that no manifest of this stack declares, by id, ARN or alias."""

    key: str


KeyReference = ManagedKey | ExternalKey


@dataclass(frozen=True, slots=True)
class DesiredAlias:
    """An `Alias` manifest, or an entry of a key's `aliases`."""

    address: Address
    position: Position
    name: AliasName
    key: KeyReference


@dataclass(frozen=True, slots=True)
class GrantConstraints:
    """Conditions of a grant. Empty mappings are no constraint."""

    encryption_context_equals: Mapping[str, str] = field(default_factory=dict)
    encryption_context_subset: Mapping[str, str] = field(default_factory=dict)
    source_arn: str | None = None


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """Everything that makes one grant different from another; a changed grant is a new grant."""

    grantee_principal: str | None
    grantee_service: str | None
    retiring_principal: str | None
    retiring_service: str | None
    operations: frozenset[str]
    constraints: GrantConstraints = field(default_factory=GrantConstraints)

    def digest(self) -> str:
        """Pins the content."""
        return digest(
            {
                "grantee": [self.grantee_principal, self.grantee_service],
                "retiring": [self.retiring_principal, self.retiring_service],
                "operations": self.operations,
                "equals": dict(self.constraints.encryption_context_equals),
                "subset": dict(self.constraints.encryption_context_subset),
                "source": self.constraints.source_arn,
            }
        )


@dataclass(frozen=True, slots=True)
class DesiredGrant:
    """A `Grant` manifest."""

    address: Address
    position: Position
    key: KeyReference
    terms: GrantTerms


DesiredResource = DesiredStore | DesiredKey | DesiredAlias | DesiredGrant


@dataclass(frozen=True, slots=True)
class DesiredState:
    """All that one stack declares, sorted by address, each address once."""

    stack: str
    keys: tuple[DesiredKey, ...] = ()
    aliases: tuple[DesiredAlias, ...] = ()
    grants: tuple[DesiredGrant, ...] = ()
    stores: tuple[DesiredStore, ...] = ()
    tests: tuple[AccessTest, ...] = ()
    """What has to be true of the keys, sorted by key and name; no resources."""

    def __post_init__(self) -> None:
        for name in ("keys", "aliases", "grants", "stores"):
            resources = tuple(sorted(getattr(self, name), key=lambda r: r.address))
            object.__setattr__(self, name, resources)
        tests = tuple(sorted(self.tests, key=lambda test: (test.key, test.name, test.position)))
        object.__setattr__(self, "tests", tests)

    def resources(self) -> Iterator[DesiredResource]:
        """Custom key stores, keys and replicas, then aliases, then grants."""
        yield from self.stores
        yield from self.keys
        yield from self.aliases
        yield from self.grants

    def targets(self) -> tuple[TargetName, ...]:
        """Every target that a resource belongs to, or that has the primary of one, sorted."""
        primaries = {key.primary.target for key in self.keys if isinstance(key.primary, ExternalPrimary)}
        return tuple(sorted(primaries | {resource.address.target for resource in self.resources()}))
