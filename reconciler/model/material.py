"""Key material that comes from outside, and secrets that only an apply reads: where they are, never what they are.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html (wrapping
algorithms) and the API reference of GetParametersForImport and ImportKeyMaterial.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.model.keyspec import Family, KeySpec, capabilities

LONGEST_VALIDITY = timedelta(days=365)
"""The latest expiry of imported material, from its import. Source: API reference, ImportKeyMaterial (ValidTo)."""


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file, by its path as seen from where kmsctl runs."""

    path: str

    def __str__(self) -> str:
        return f"file {self.path}"


@dataclass(frozen=True, slots=True)
class SecretVariable:
    """An environment variable."""

    name: str

    def __str__(self) -> str:
        return f"environment variable {self.name}"


@dataclass(frozen=True, slots=True)
class SecretReference:
    """A key of a Kubernetes Secret, which only the operator can read."""

    name: str
    key: str

    def __str__(self) -> str:
        return f"key {self.key} of the Secret {self.name}"


SecretSource = SecretFile | SecretVariable | SecretReference


class WrappingAlgorithm(enum.StrEnum):
    """How material is encrypted on its way, the strongest first."""

    RSA_AES_KEY_WRAP_SHA_256 = "RSA_AES_KEY_WRAP_SHA_256"
    RSAES_OAEP_SHA_256 = "RSAES_OAEP_SHA_256"
    RSA_AES_KEY_WRAP_SHA_1 = "RSA_AES_KEY_WRAP_SHA_1"
    RSAES_OAEP_SHA_1 = "RSAES_OAEP_SHA_1"


_HYBRID = frozenset({WrappingAlgorithm.RSA_AES_KEY_WRAP_SHA_256, WrappingAlgorithm.RSA_AES_KEY_WRAP_SHA_1})


def wrapping_algorithms(spec: KeySpec) -> tuple[WrappingAlgorithm, ...]:
    """The algorithms for material of `spec`, the strongest first.

    Secret bytes are encrypted directly; RSA keys are too long for that; other private keys go either way.
    """
    match capabilities(spec).family:
        case Family.SYMMETRIC | Family.HMAC:
            return tuple(algorithm for algorithm in WrappingAlgorithm if algorithm not in _HYBRID)
        case Family.RSA:
            return tuple(algorithm for algorithm in WrappingAlgorithm if algorithm in _HYBRID)
        case _:
            return tuple(WrappingAlgorithm)


@dataclass(frozen=True, slots=True)
class ImportedMaterial:
    """What a manifest says of a key's imported material."""

    source: SecretSource
    wrapping: WrappingAlgorithm
    valid_to: datetime | None = None
    """When KMS is to forget it; None: never."""
    description: str | None = None
    """None leaves it as it is."""
    serial: int = 1
    """Raised when the source has new material, to which a symmetric encryption key is rotated."""

    def is_over(self, now: datetime) -> bool:
        """Whether its time has passed: KMS has forgotten it as declared, and would not take it again."""
        return self.valid_to is not None and self.valid_to <= now


def has_several_materials(spec: KeySpec) -> bool:
    """Whether new material can be imported beside the first, with ids and descriptions: symmetric encryption keys."""
    return spec is KeySpec.SYMMETRIC_DEFAULT


@dataclass(frozen=True, slots=True)
class FirstMaterial:
    """The first material of a key, or the only one that it can have."""


@dataclass(frozen=True, slots=True)
class NewMaterial:
    """Material beside what a key has, to be rotated to. Of related keys, the primary gets it first."""


@dataclass(frozen=True, slots=True)
class AwaitedMaterial:
    """The new material that the primary of a key has and the key itself has not: which it is, its KMS tells."""


@dataclass(frozen=True, slots=True)
class KnownMaterial:
    """What a key had already: KMS takes no other under this id."""

    material_id: str


FIRST = FirstMaterial()
WhichMaterial = FirstMaterial | NewMaterial | AwaitedMaterial | KnownMaterial
"""Which of the materials of a key an import is said to bring."""
