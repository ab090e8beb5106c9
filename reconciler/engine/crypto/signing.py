"""Signatures, one scheme a signing algorithm of the API.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html (MessageType, Signature): RFC 8017 for RSA
with a salt as long as the hash, ANS X9.62 in DER for ECDSA, RFC 8032 for Edwards curves, FIPS 204 with an empty context
for ML-DSA.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from reconciler.engine.crypto import ed25519ph

RAW: Final = "RAW"
DIGEST: Final = "DIGEST"
EXTERNAL_MU: Final = "EXTERNAL_MU"

_Hash = hashes.HashAlgorithm | Prehashed
_MlDsa = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey


class Scheme(ABC):
    """A way to sign and to verify; keys are of the scheme's family, messages of a type and length that it allows."""

    __slots__ = ()

    @property
    @abstractmethod
    def lengths(self) -> Mapping[str, int | None]:
        """The message types that it takes → the only length of such a message in bytes, None for any."""

    @abstractmethod
    def sign(self, pair: PrivateKeyTypes, message: bytes, message_type: str) -> bytes:
        """The signature, as the API encodes it."""

    def verify(self, pair: PrivateKeyTypes, signature: bytes, message: bytes, message_type: str) -> bool:
        """Whether `signature`, which may be anything, is one of `message`."""
        try:
            self._verify(pair, signature, message, message_type)
        except InvalidSignature:
            return False
        return True

    @abstractmethod
    def _verify(self, pair: PrivateKeyTypes, signature: bytes, message: bytes, message_type: str) -> None:
        """Raise InvalidSignature unless the signature is valid."""


@dataclass(frozen=True, slots=True)
class _Hashed(Scheme):
    """A scheme that signs a hash, made here or by the caller."""

    hash: hashes.HashAlgorithm

    @property
    def lengths(self) -> Mapping[str, int | None]:
        return {RAW: None, DIGEST: self.hash.digest_size}

    def _given(self, message_type: str) -> _Hash:
        return Prehashed(self.hash) if message_type == DIGEST else self.hash


@dataclass(frozen=True, slots=True)
class _Rsa(_Hashed):
    padding: padding.PKCS1v15 | padding.PSS

    def sign(self, pair: PrivateKeyTypes, message: bytes, message_type: str) -> bytes:
        return cast(rsa.RSAPrivateKey, pair).sign(message, self.padding, self._given(message_type))

    def _verify(self, pair: PrivateKeyTypes, signature: bytes, message: bytes, message_type: str) -> None:
        public = cast(rsa.RSAPrivateKey, pair).public_key()
        public.verify(signature, message, self.padding, self._given(message_type))


@dataclass(frozen=True, slots=True)
class _Ecdsa(_Hashed):
    def sign(self, pair: PrivateKeyTypes, message: bytes, message_type: str) -> bytes:
        return cast(ec.EllipticCurvePrivateKey, pair).sign(message, ec.ECDSA(self._given(message_type)))

    def _verify(self, pair: PrivateKeyTypes, signature: bytes, message: bytes, message_type: str) -> None:
        public = cast(ec.EllipticCurvePrivateKey, pair).public_key()
        public.verify(signature, message, ec.ECDSA(self._given(message_type)))


@dataclass(frozen=True, slots=True)
class _Ed25519(Scheme):
    @property
    def lengths(self) -> Mapping[str, int | None]:
        return {RAW: None}

    def sign(self, pair: PrivateKeyTypes, message: bytes, message_type: str) -> bytes:
        del message_type
        return cast(ed25519.Ed25519PrivateKey, pair).sign(message)

    def _verify(self, pair: PrivateKeyTypes, signature: bytes, message: bytes, message_type: str) -> None:
        del message_type
        cast(ed25519.Ed25519PrivateKey, pair).public_key().verify(signature, message)


@dataclass(frozen=True, slots=True)
class _Ed25519ph(Scheme):
    """KMS takes a SHA-512 digest and hashes it once more, as the scheme begins with a hash."""

    @property
    def lengths(self) -> Mapping[str, int | None]:
        return {DIGEST: 64}

    def sign(self, pair: PrivateKeyTypes, message: bytes, message_type: str) -> bytes:
        del message_type
        return ed25519ph.sign(cast(ed25519.Ed25519PrivateKey, pair), message)

    def _verify(self, pair: PrivateKeyTypes, signature: bytes, message: bytes, message_type: str) -> None:
        del message_type
        if not ed25519ph.verify(cast(ed25519.Ed25519PrivateKey, pair).public_key(), signature, message):
            raise InvalidSignature


@dataclass(frozen=True, slots=True)
class _MlDsaScheme(Scheme):
    @property
    def lengths(self) -> Mapping[str, int | None]:
        return {RAW: None, EXTERNAL_MU: 64}

    def sign(self, pair: PrivateKeyTypes, message: bytes, message_type: str) -> bytes:
        key = cast(_MlDsa, pair)
        return key.sign_mu(message) if message_type == EXTERNAL_MU else key.sign(message)

    def _verify(self, pair: PrivateKeyTypes, signature: bytes, message: bytes, message_type: str) -> None:
        public = cast(_MlDsa, pair).public_key()
        if message_type == EXTERNAL_MU:
            public.verify_mu(signature, message)
        else:
            public.verify(signature, message)


def _schemes() -> dict[str, Scheme]:
    found: dict[str, Scheme] = {
        "ED25519_SHA_512": _Ed25519(),
        "ED25519_PH_SHA_512": _Ed25519ph(),
        "ML_DSA_SHAKE_256": _MlDsaScheme(),
    }
    for digest in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        name = f"SHA_{digest.digest_size * 8}"
        found[f"ECDSA_{name}"] = _Ecdsa(digest)
        found[f"RSASSA_PKCS1_V1_5_{name}"] = _Rsa(digest, padding.PKCS1v15())
        found[f"RSASSA_PSS_{name}"] = _Rsa(digest, padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH))
    return found


SCHEMES: Final[Mapping[str, Scheme]] = MappingProxyType(_schemes())
"""By signing algorithm; SM2DSA is not among them."""
