"""Key specs and what a key of each can do.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html and the enums of
botocore's service model.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from types import MappingProxyType


class KeySpec(enum.StrEnum):
    """The type of a key's material."""

    SYMMETRIC_DEFAULT = "SYMMETRIC_DEFAULT"
    RSA_2048 = "RSA_2048"
    RSA_3072 = "RSA_3072"
    RSA_4096 = "RSA_4096"
    ECC_NIST_P256 = "ECC_NIST_P256"
    ECC_NIST_P384 = "ECC_NIST_P384"
    ECC_NIST_P521 = "ECC_NIST_P521"
    ECC_SECG_P256K1 = "ECC_SECG_P256K1"
    ECC_NIST_EDWARDS25519 = "ECC_NIST_EDWARDS25519"
    HMAC_224 = "HMAC_224"
    HMAC_256 = "HMAC_256"
    HMAC_384 = "HMAC_384"
    HMAC_512 = "HMAC_512"
    SM2 = "SM2"
    ML_DSA_44 = "ML_DSA_44"
    ML_DSA_65 = "ML_DSA_65"
    ML_DSA_87 = "ML_DSA_87"
    ML_KEM_512 = "ML_KEM_512"
    ML_KEM_768 = "ML_KEM_768"
    ML_KEM_1024 = "ML_KEM_1024"


class KeyUsage(enum.StrEnum):
    """The one thing that a key is for."""

    ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
    SIGN_VERIFY = "SIGN_VERIFY"
    GENERATE_VERIFY_MAC = "GENERATE_VERIFY_MAC"
    KEY_AGREEMENT = "KEY_AGREEMENT"
    ENCAPSULATE_DECAPSULATE = "ENCAPSULATE_DECAPSULATE"


class Origin(enum.StrEnum):
    """Where a key's material comes from."""

    AWS_KMS = "AWS_KMS"
    EXTERNAL = "EXTERNAL"
    AWS_CLOUDHSM = "AWS_CLOUDHSM"
    EXTERNAL_KEY_STORE = "EXTERNAL_KEY_STORE"


class KeyState(enum.StrEnum):
    """Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html."""

    CREATING = "Creating"
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"
    PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
    UNAVAILABLE = "Unavailable"
    UPDATING = "Updating"


class Family(enum.StrEnum):
    """Specs that share their rules."""

    SYMMETRIC = "symmetric"
    RSA = "RSA"
    ECC = "ECC"
    EDWARDS = "Edwards"
    HMAC = "HMAC"
    SM2 = "SM2"
    ML_DSA = "ML-DSA"
    ML_KEM = "ML-KEM"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What keys of one family can be used and configured for."""

    family: Family
    usages: tuple[KeyUsage, ...]
    """Where there is only one, a manifest need not name it."""
    origins: tuple[Origin, ...]
    multi_region: bool

    @property
    def only_usage(self) -> KeyUsage | None:
        """The usage of a family that has just one."""
        return self.usages[0] if len(self.usages) == 1 else None


_STORES = (Origin.AWS_CLOUDHSM, Origin.EXTERNAL_KEY_STORE)
_KMS_OR_IMPORT = (Origin.AWS_KMS, Origin.EXTERNAL)
_E, _S, _M, _A, _C = (
    KeyUsage.ENCRYPT_DECRYPT,
    KeyUsage.SIGN_VERIFY,
    KeyUsage.GENERATE_VERIFY_MAC,
    KeyUsage.KEY_AGREEMENT,
    KeyUsage.ENCAPSULATE_DECAPSULATE,
)
_SYMMETRIC = Capabilities(Family.SYMMETRIC, (_E,), (*_KMS_OR_IMPORT, *_STORES), multi_region=True)
_RSA = Capabilities(Family.RSA, (_E, _S), _KMS_OR_IMPORT, multi_region=True)
_ECC = Capabilities(Family.ECC, (_S, _A), _KMS_OR_IMPORT, multi_region=True)
_ECC_SIGN_ONLY = Capabilities(Family.ECC, (_S,), _KMS_OR_IMPORT, multi_region=True)
_EDWARDS = Capabilities(Family.EDWARDS, (_S,), _KMS_OR_IMPORT, multi_region=True)
_HMAC = Capabilities(Family.HMAC, (_M,), _KMS_OR_IMPORT, multi_region=True)
_SM2 = Capabilities(Family.SM2, (_E, _S, _A), _KMS_OR_IMPORT, multi_region=True)
_ML_DSA = Capabilities(Family.ML_DSA, (_S,), _KMS_OR_IMPORT, multi_region=True)
_ML_KEM = Capabilities(Family.ML_KEM, (_C,), _KMS_OR_IMPORT, multi_region=True)

_BY_SPEC = MappingProxyType(
    {
        KeySpec.SYMMETRIC_DEFAULT: _SYMMETRIC,
        **dict.fromkeys((KeySpec.RSA_2048, KeySpec.RSA_3072, KeySpec.RSA_4096), _RSA),
        **dict.fromkeys((KeySpec.ECC_NIST_P256, KeySpec.ECC_NIST_P384, KeySpec.ECC_NIST_P521), _ECC),
        KeySpec.ECC_SECG_P256K1: _ECC_SIGN_ONLY,
        KeySpec.ECC_NIST_EDWARDS25519: _EDWARDS,
        **dict.fromkeys((KeySpec.HMAC_224, KeySpec.HMAC_256, KeySpec.HMAC_384, KeySpec.HMAC_512), _HMAC),
        KeySpec.SM2: _SM2,
        **dict.fromkeys((KeySpec.ML_DSA_44, KeySpec.ML_DSA_65, KeySpec.ML_DSA_87), _ML_DSA),
        **dict.fromkeys((KeySpec.ML_KEM_512, KeySpec.ML_KEM_768, KeySpec.ML_KEM_1024), _ML_KEM),
    }
)


def capabilities(spec: KeySpec) -> Capabilities:
    """What a key of `spec` can be used and configured for."""
    return _BY_SPEC[spec]


def rotates_by_itself(spec: KeySpec, origin: Origin) -> bool:
    """Whether KMS can rotate the material automatically: symmetric encryption keys of its own making.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    """
    return spec is KeySpec.SYMMETRIC_DEFAULT and origin is Origin.AWS_KMS


def rotates_on_demand(spec: KeySpec, origin: Origin) -> bool:
    """Whether `RotateKeyOnDemand` applies: symmetric encryption keys, imported ones after an import."""
    return spec is KeySpec.SYMMETRIC_DEFAULT and origin in _KMS_OR_IMPORT
