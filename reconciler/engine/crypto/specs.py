"""What each key spec is, may be used for, and with which algorithms.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html and the CreateKey
reference (KeyUsage).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SYMMETRIC_DEFAULT: Final = "SYMMETRIC_DEFAULT"
ENCRYPT_DECRYPT: Final = "ENCRYPT_DECRYPT"


class Family(enum.Enum):
    """What kind of material a spec means; UpdateAlias lets an alias move within symmetric, asymmetric or HMAC."""

    SYMMETRIC = "symmetric"
    RSA = "RSA"
    ECC = "ECC"
    EDWARDS = "Edwards"
    HMAC = "HMAC"
    ML_DSA = "ML-DSA"
    ML_KEM = "ML-KEM"
    SM2 = "SM2"

    @property
    def kind(self) -> str:
        """`symmetric`, `HMAC` or `asymmetric`."""
        return self.value if self in {Family.SYMMETRIC, Family.HMAC} else "asymmetric"


@dataclass(frozen=True, slots=True)
class KeySpec:
    """A key spec: its family, its size in bits or parameter set, and its algorithms by usage."""

    name: str
    family: Family
    size: int
    algorithms: Mapping[str, tuple[str, ...]]
    """Usage → algorithms, both by AWS's names. The usages allowed are its keys."""
    available: bool = True
    """Whether the engine's cryptography has it."""


ALGORITHM_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
        "SIGN_VERIFY": "SigningAlgorithms",
        "GENERATE_VERIFY_MAC": "MacAlgorithms",
        "KEY_AGREEMENT": "KeyAgreementAlgorithms",
        "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
    }
)
"""Usage → the field of KeyMetadata that lists the algorithms."""

_RSA = {
    "ENCRYPT_DECRYPT": ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
    "SIGN_VERIFY": (
        "RSASSA_PKCS1_V1_5_SHA_256",
        "RSASSA_PKCS1_V1_5_SHA_384",
        "RSASSA_PKCS1_V1_5_SHA_512",
        "RSASSA_PSS_SHA_256",
        "RSASSA_PSS_SHA_384",
        "RSASSA_PSS_SHA_512",
    ),
}
_ECDH = ("ECDH",)
_SM2 = {"ENCRYPT_DECRYPT": ("SM2PKE",), "SIGN_VERIFY": ("SM2DSA",), "KEY_AGREEMENT": _ECDH}


def _specs() -> tuple[KeySpec, ...]:
    nist = {256: "ECDSA_SHA_256", 384: "ECDSA_SHA_384", 521: "ECDSA_SHA_512"}
    edwards = {"SIGN_VERIFY": ("ED25519_SHA_512", "ED25519_PH_SHA_512")}
    ml_dsa = {"SIGN_VERIFY": ("ML_DSA_SHAKE_256",)}
    ml_kem = {"ENCAPSULATE_DECAPSULATE": ("ML_KEM",)}
    return (
        KeySpec(SYMMETRIC_DEFAULT, Family.SYMMETRIC, 256, {"ENCRYPT_DECRYPT": (SYMMETRIC_DEFAULT,)}),
        *(KeySpec(f"RSA_{bits}", Family.RSA, bits, _RSA) for bits in (2048, 3072, 4096)),
        *(
            KeySpec(f"ECC_NIST_P{bits}", Family.ECC, bits, {"SIGN_VERIFY": (name,), "KEY_AGREEMENT": _ECDH})
            for bits, name in nist.items()
        ),
        KeySpec("ECC_SECG_P256K1", Family.ECC, 256, {"SIGN_VERIFY": ("ECDSA_SHA_256",)}),
        KeySpec("ECC_NIST_EDWARDS25519", Family.EDWARDS, 255, edwards),
        *(
            KeySpec(f"HMAC_{bits}", Family.HMAC, bits, {"GENERATE_VERIFY_MAC": (f"HMAC_SHA_{bits}",)})
            for bits in (224, 256, 384, 512)
        ),
        *(KeySpec(f"ML_DSA_{level}", Family.ML_DSA, level, ml_dsa) for level in (44, 65, 87)),
        *(KeySpec(f"ML_KEM_{size}", Family.ML_KEM, size, ml_kem, size != 512) for size in (512, 768, 1024)),
        KeySpec("SM2", Family.SM2, 256, _SM2, available=False),
    )


SPECS: Final[Mapping[str, KeySpec]] = MappingProxyType({spec.name: spec for spec in _specs()})
"""Every key spec of the API by name."""
