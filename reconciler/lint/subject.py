"""What is looked at: one key as it is declared or as it is, or one IAM policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.kit.absent import Absent
from reconciler.kit.diagnostics import Position
from reconciler.lint.policytext import PolicyText, read_policy
from reconciler.model.address import Address
from reconciler.model.desired import Deletion, GrantTerms, Rotation
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.material import ImportedMaterial
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.statement import PolicyForm


@dataclass(frozen=True, slots=True)
class SubjectGrant:
    """A grant on the key."""

    resource: str
    """`Grant/backup`, or the grant's id."""
    terms: GrantTerms
    address: Address | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One key. What is None is not known, and no check says anything about it."""

    resource: str
    """What people call it."""
    partition: str = "aws"
    account: str | None = None
    region: str | None = None
    arn: str | None = None
    """Of a key that is there."""
    caller: str | None = None
    """ARN of who manages the key: it has to be able to go on doing so."""
    address: Address | None = None
    position: Position | None = None
    key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT
    key_usage: KeyUsage = KeyUsage.ENCRYPT_DECRYPT
    origin: Origin = Origin.AWS_KMS
    kind_known: bool = True
    """Whether spec, usage and origin are the key's, or made up for a policy without a key."""
    multi_region: bool = False
    replica: bool = False
    """Rotation, spec, usage and origin are the primary's then."""
    replicas: tuple[str, ...] = ()
    """Of a primary: addresses or Regions of its replicas, sorted."""
    policy: str | Absent | None = None
    """JSON text as it is sent or was read; absent: the manifest leaves it to KMS's default."""
    statement_positions: Sequence[Position] = ()
    """Where each statement comes from; empty where there is no file."""
    rotation: Rotation | Absent | None = None
    """Absent: none is declared, or it is switched off."""
    on_demand_rotations: int | None = None
    material: ImportedMaterial | None = None
    enabled: bool | None = None
    state: KeyState | None = None
    """None of what is only declared."""
    deletion: Deletion | None = None
    """What becomes of it once its manifest is gone; None of a key that none declares."""
    description: str | Absent | None = None
    tags: Mapping[str, str] | Absent | None = None
    """Without those that kmsctl keeps for itself."""
    aliases: tuple[str, ...] | None = None
    grants: tuple[SubjectGrant, ...] = ()

    @property
    def document(self) -> PolicyText | None:
        """The policy, read statement by statement; None where there is none to read."""
        return read_policy(self.policy) if isinstance(self.policy, str) else None

    @property
    def traits(self) -> KeyTraits:
        """What a policy must know of the key."""
        return KeyTraits(str(self.key_usage), str(self.key_spec), str(self.origin), self.multi_region)

    @property
    def symmetric(self) -> bool:
        """Whether its operations have an encryption context, as far as is known."""
        return self.key_spec is KeySpec.SYMMETRIC_DEFAULT or not self.kind_known


@dataclass(frozen=True, slots=True)
class IdentitySubject:
    """One IAM policy of a user, role or group: Security Hub looks at them for keys, too."""

    resource: str
    """The policy's name or ARN, and whose it is where it is inline."""
    policy: str
    """JSON text."""
    inline: bool = False
    position: Position | None = None

    @property
    def document(self) -> PolicyText:
        """The policy, read statement by statement."""
        return read_policy(self.policy, PolicyForm.IDENTITY)
